/** Where one is: `#/runs/ID?status=failed`. Every view has an address that can be shared. */

import { useSyncExternalStore } from 'react'

export interface Route {
  page: string
  id: string
  query: Record<string, string>
}

export function parse(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?')
  const [page = '', ...rest] = path.split('/')
  return {
    page: page || 'flows',
    id: rest.map(decoded).join('/'),
    query: Object.fromEntries(new URLSearchParams(search)),
  }
}

/** A part of an address; one that somebody has cut in the middle of a `%XX` as it stands. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** An address; what is empty is left out. */
export function href(page: string, id = '', query: Record<string, string | undefined> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]))
  const search = new URLSearchParams(given).toString()
  return `#/${page}${id && `/${encodeURIComponent(id)}`}${search && `?${search}`}`
}

export function go(to: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  dispatchEvent(new HashChangeEvent('hashchange'))
}

let known = ''
let route = parse('')

function current(): Route {
  if (location.hash !== known) {
    known = location.hash
    route = parse(known)
  }
  return route
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  addEventListener('popstate', listener)
  return () => {
    removeEventListener('hashchange', listener)
    removeEventListener('popstate', listener)
  }
}

export const useRoute = (): Route => useSyncExternalStore(subscribe, current)

/** Changes filters in the address, without a step back for each letter. */
export function useFilters(): [Record<string, string>, (changes: Record<string, string>) => void] {
  const { page, id, query } = useRoute()
  return [query, (changes) => go(href(page, id, { ...query, ...changes }), { replace: true })]
}
