/** The frame: navigation, banners, and the page that the address names. */

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ComponentType, useEffect, useRef, useState } from 'react'
import { ApiError, get, type Problems, type Root, tabsQuery, token } from './api'
import { useFeed } from './feed'
import { Keys, useKeys } from './keys'
import { Palette } from './palette'
import { Toast } from './parts/bits'
import { Empty, Skeleton } from './parts/states'
import { href, useRoute } from './route'
import { toggleTheme } from './theme'

interface Page {
  name: string
  title: string
  key: string
  load: () => Promise<ComponentType>
  loaded?: ComponentType
}

const page = (name: string, title: string, key: string, load: () => Promise<{ default: ComponentType }>): Page => {
  const made: Page = {
    name,
    title,
    key,
    load: async () => {
      made.loaded ??= (await load()).default
      return made.loaded
    },
  }
  return made
}

export const PAGES: Page[] = [
  page('flows', 'Flows', 'f', () => import('./pages/flows')),
  page('endpoints', 'Endpoints', 'e', () => import('./pages/endpoints')),
  page('runs', 'Runs', 'r', () => import('./pages/runs')),
  page('logs', 'Logs', 'l', () => import('./pages/logs')),
  page('state', 'State', 's', () => import('./pages/state')),
  page('streams', 'Streams', 't', () => import('./pages/streams')),
  page('queues', 'Queues', 'q', () => import('./pages/queues')),
  page('cron', 'Cron', 'c', () => import('./pages/cron')),
  page('sidecars', 'Sidecars', 'd', () => import('./pages/sidecars')),
]

/** Tabs of plugins; which one the address says. */
const TAB = page('tab', 'Tab', '', () => import('./pages/tab'))

export function App() {
  const route = useRoute()
  const isConnected = useFeed()
  const [isHelp, setHelp] = useState(false)
  const [isPalette, setPalette] = useState(false)
  const root = useQuery({ queryKey: ['root'], queryFn: () => get<Root>('') })
  const problems = useQuery({ queryKey: ['problems'], queryFn: () => get<Problems>('/problems') })
  useKeys(() => setHelp(true), () => setPalette(true)) // biome-ignore format: one line says it
  const tabs = useQuery(tabsQuery)
  const ofPlugins = tabs.data?.tabs ?? []
  const shown = route.page === TAB.name ? TAB : (PAGES.find(({ name }) => name === route.page) ?? PAGES[0])
  const tab = shown === TAB ? ofPlugins.find(({ id }) => id === route.id) : undefined
  const title = tab?.label ?? shown?.title
  const project = root.data?.project.name ?? ''
  useEffect(() => {
    document.title = [title, project].filter(Boolean).join(' · ')
    document.querySelector('.nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [title, project])
  if (root.error instanceof ApiError && root.error.status === 401) return <Token />
  const isKept = (problems.data?.kept.length ?? 0) > 0
  const errors = problems.data?.problems.filter(({ severity }) => severity === 'error') ?? []
  return (
    <div className="app">
      <nav className="nav" aria-label="pages">
        <div className="brand" title={root.data?.project.path}>
          {project || 'motia-core'}
          <small>motia-core {root.data?.version}</small>
        </div>
        {PAGES.map(({ name, title }) => (
          <a key={name} href={href(name)} aria-current={name === shown?.name ? 'page' : undefined}>
            {title}
          </a>
        ))}
        {ofPlugins.map(({ id, label }) => (
          <a key={id} href={href(TAB.name, id)} aria-current={id === tab?.id ? 'page' : undefined}>
            {label}
          </a>
        ))}
        <div className="rest">
          <button type="button" className="quiet" onClick={() => setPalette(true)} title="Go to anything (Ctrl K)">
            Search
          </button>
          <button
            type="button"
            className="quiet"
            onClick={toggleTheme}
            title="Light or dark"
            aria-label="Light or dark"
          >
            ◐
          </button>
          <button type="button" className="quiet" onClick={() => setHelp(true)} title="Keys (?)" aria-label="Keys">
            ?
          </button>
        </div>
      </nav>
      <main className="main">
        {!isConnected && (
          <div className="banner calm" role="status">
            The core does not answer. What is shown may be old; this page comes back by itself.
          </div>
        )}
        <Awaited />
        {errors.length > 0 && route.page !== 'sidecars' && (
          <div className="banner" role="status">
            {errors.length === 1 ? 'A file' : `${errors.length} files`} could not be loaded:{' '}
            <span className="mono">
              {errors[0]?.file}
              {errors[0]?.line ? `:${errors[0].line}` : ''}
            </span>{' '}
            {errors[0]?.cause}. {isKept && 'What was there before goes on. '}
            <a href={href('sidecars')}>What to do</a>
          </div>
        )}
        {shown && <Loading key={shown.name} page={shown} />}
      </main>
      {isHelp && <Keys pages={PAGES} done={() => setHelp(false)} />}
      {isPalette && <Palette pages={PAGES} tabs={ofPlugins} done={() => setPalette(false)} />}
      <Toast />
    </div>
  )
}

/** Why there is nothing yet: a core whose sidecars attach knows no step before one of each language is there. */
function Awaited() {
  const client = useQueryClient()
  const { data } = useQuery({
    queryKey: ['awaited'],
    queryFn: () => get<{ awaited: string[] }>('/sidecars'),
    refetchInterval: ({ state }) => (state.data?.awaited.length ? 1000 : false),
  })
  const awaited = data?.awaited ?? []
  const wasWaiting = useRef(false)
  const isWaiting = awaited.length > 0
  useEffect(() => {
    if (wasWaiting.current && !isWaiting) void client.invalidateQueries()
    wasWaiting.current = isWaiting
  }, [client, isWaiting])
  if (!isWaiting) return null
  return (
    <div className="banner calm" role="status">
      Nothing is served until a sidecar of each language has attached. Missing:{' '}
      <span className="mono">{awaited.join(', ')}</span>.
    </div>
  )
}

/** A page when its code is there. Not Suspense: that shows its fallback for 0.3 s at least, however fast the code comes. */
function Loading({ page: wanted }: { page: Page }) {
  const [Shown, setShown] = useState(() => wanted.loaded)
  const [error, setError] = useState('')
  useEffect(() => {
    wanted.load().then(
      (component) => setShown(() => component),
      (failure) => setError(String(failure)),
    )
  }, [wanted])
  if (Shown) return <Shown />
  if (!error) return <Skeleton />
  return (
    <Empty title="This page could not be loaded">
      <p>{error}</p>
      <button type="button" onClick={() => location.reload()}>
        Load it again
      </button>
    </Empty>
  )
}

/** Asks for the token that the core wants when it does not listen on loopback only. */
function Token() {
  const [text, setText] = useState('')
  return (
    <form
      className="empty"
      onSubmit={(event) => {
        event.preventDefault()
        token.set(text.trim())
        location.reload()
      }}
    >
      <h1>This core asks for its token</h1>
      {token.get() && (
        <p className="bad" role="alert">
          That was not it.
        </p>
      )}
      <p>It is the value of http.admin_token, and stays in this tab only.</p>
      <label className="field">
        Token
        <input type="password" autoComplete="off" value={text} onChange={(event) => setText(event.target.value)} />
      </label>
      <button type="submit" className="primary">
        Open
      </button>
    </form>
  )
}
