/** What state and streams have in common: operations on a value, and reading page by page. */

import { show } from './durations.js'
import { toJson } from './payload.js'

const LARGEST_PAGE = 1000

export interface Page<T> {
  items: T[]
  cursor: string
}

export interface PageOptions {
  cursor?: unknown
  limit?: unknown
}

/** Operations as JSON text. Throws when they are none. */
export function toOperations(operations: unknown, what: string): Buffer {
  if (!Array.isArray(operations) || operations.length === 0) {
    const example = `[{ type: 'increment', path: '/count' }]`
    throw new TypeError(`the operations of ${what} are ${show(operations)}: give an array such as ${example}`)
  }
  return Buffer.from(toJson(operations, `operations of ${what}`) ?? '')
}

/** Cursor and limit of a page; limit 0: as the core says. Throws when they make no sense. */
export function toPage({ cursor, limit }: PageOptions): { cursor: string; limit: number } {
  const isWhole = limit === undefined || (Number.isInteger(limit) && (limit as number) >= 1)
  if (!isWhole || (limit !== undefined && (limit as number) > LARGEST_PAGE)) {
    throw new TypeError(`limit is ${show(limit)}: give a whole number from 1 to ${LARGEST_PAGE}`)
  }
  return { cursor: String(cursor ?? ''), limit: (limit as number | undefined) ?? 0 }
}

/** Everything, page by page. */
export async function* allPages<T>(read: (page: PageOptions) => Promise<Page<T>>): AsyncGenerator<T> {
  let cursor = ''
  do {
    const page: Page<T> = await read({ cursor, limit: LARGEST_PAGE })
    yield* page.items
    cursor = page.cursor
  } while (cursor !== '')
}
