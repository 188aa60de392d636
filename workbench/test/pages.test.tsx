/** The pages in their states: filled, empty, refused, without a core. */

import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { App } from '../src/app'
import { go } from '../src/route'

const run = {
  traceId: 'AAAAA-0000001',
  name: 'Book',
  trigger: 'http',
  label: 'POST /bookings',
  status: 'failed',
  startedMs: Date.now(),
  durationMs: 12,
  attempts: 3,
  failed: 1,
  waiting: 0,
  error: 'ValueError: no guest',
  replayOf: null,
}

const EMPTY: Record<string, unknown> = {
  '': { version: '1.2.3', project: { name: 'hotel', path: '/p' } },
  '/problems': { problems: [], kept: [] },
  '/flows': { flows: [] },
  '/runs': { runs: [], cursor: '' },
  '/logs': { logs: [], cursor: '' },
  '/state/groups': { groups: [], cursor: '' },
  '/streams': { streams: [] },
  '/queues': { queues: [] },
  '/dlq': { deadLetters: [], nextBefore: null },
  '/cron': { cron: [] },
  '/sidecars': { sidecars: [], awaited: [] },
  '/steps': { steps: [] },
  '/tabs': { tabs: [], problem: null },
}

let answers: Record<string, unknown>
let status: number

beforeEach(() => {
  // happy-dom lays nothing out: a list that is virtual would have no room for a row
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(900)
  answers = { ...EMPTY }
  status = 200
  sessionStorage.clear()
  vi.stubGlobal('fetch', async (url: string, init?: RequestInit) => {
    const path = url.replace('/__motia', '').replace(/\?.*/, '')
    if (path === '/feed')
      return new Promise((_, fail) => init?.signal?.addEventListener('abort', () => fail(new Error('left'))))
    const answer = answers[path]
    if (answer instanceof Error) throw answer
    const body = status === 200 && answer ? answer : { error: 'It says no.', code: 'NO' }
    return new Response(JSON.stringify(body), { status: answer ? status : 404 })
  })
})

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

function show(hash: string): void {
  go(hash)
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>,
  )
}

it.each([
  ['#/flows', 'There are no steps yet'],
  ['#/endpoints', 'There is no api step'],
  ['#/runs', 'Nothing has run yet'],
  ['#/runs?status=failed', 'No run is like that'],
  ['#/logs', 'Nothing was logged'],
  ['#/state', 'There is no state'],
  ['#/streams', 'There are no streams'],
  ['#/queues', 'There are no queues'],
  ['#/queues?tab=dead', 'Nothing was given up'],
  ['#/cron', 'There is no cron step'],
  ['#/sidecars', 'No process runs'],
])('%s says so when there is nothing', async (hash, text) => {
  show(hash)
  expect(await screen.findByText(text)).toBeTruthy()
})

it('says what went wrong, and tries again when it is asked to', async () => {
  answers['/cron'] = new TypeError('the network is down')
  show('#/cron')
  await screen.findByText('the network is down')
  answers['/cron'] = EMPTY['/cron']
  fireEvent.click(screen.getByText('Try again'))
  expect(await screen.findByText('There is no cron step')).toBeTruthy()
})

it('shows runs, the failed ones with their error', async () => {
  answers['/runs'] = { runs: [run], cursor: '' }
  show('#/runs')
  expect(await screen.findByText('ValueError: no guest')).toBeTruthy()
  expect(screen.getByText('failed', { selector: '.chip' })).toBeTruthy()
  fireEvent.click(screen.getByText('Book'))
  await waitFor(() => expect(location.hash).toBe('#/runs/AAAAA-0000001'))
  expect(await screen.findByText('It is not there')).toBeTruthy()
})

it('asks for runs of the last minutes only', async () => {
  const asked: string[] = []
  const answer = fetch
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) => {
    asked.push(url)
    return answer(url, init)
  })
  show('#/runs?within=60&status=failed')
  await screen.findByText('No run is like that')
  const since = Number(/since=(\d+)/.exec(asked.find((url) => url.includes('/runs?')) ?? '')?.[1])
  expect(Math.abs(Date.now() - 3_600_000 - since)).toBeLessThan(60_000)
})

it('puts errors first when that is wanted, and keeps it in the address', async () => {
  const asked: string[] = []
  const answer = fetch
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) => {
    asked.push(url)
    return answer(url, init)
  })
  show('#/runs')
  fireEvent.click(await screen.findByText('Errors first'))
  await waitFor(() => expect(location.hash).toBe('#/runs?order=errors'))
  await waitFor(() => expect(asked.some((url) => /[/]runs[?]order=errors&/.test(url))).toBe(true))
  expect(screen.getByText('Errors first').getAttribute('aria-pressed')).toBe('true')
  expect(await screen.findByText('Nothing has run yet')).toBeTruthy() // an order hides nothing
  fireEvent.click(screen.getByText('Errors first'))
  await waitFor(() => expect(location.hash).toBe('#/runs'))
})

it('has a tab of a plugin beside its pages, and goes on when that cannot be shown', async () => {
  answers['/tabs'] = { tabs: [{ id: 'board', label: 'Board', package: '~/plugins/board', props: {} }], problem: null }
  show('#/runs')
  fireEvent.click(await screen.findByText('Board'))
  await screen.findByText('The tab Board cannot be shown')
  expect(screen.getByText('It says no.')).toBeTruthy()
  expect(screen.getByText('Board', { selector: 'a' }).getAttribute('aria-current')).toBe('page')
  fireEvent.click(screen.getByText('Runs'))
  expect(await screen.findByText('Nothing has run yet')).toBeTruthy()
})

it('says why there is no such tab', async () => {
  answers['/tabs'] = { tabs: [], problem: 'motia.config.ts: no key' }
  show('#/tab/board')
  expect(await screen.findByText('No plugin has this tab')).toBeTruthy()
  expect(screen.getByText('motia.config.ts: no key')).toBeTruthy()
})

it('asks for the token that the core wants', async () => {
  status = 401
  show('#/runs')
  expect(await screen.findByText('This core asks for its token')).toBeTruthy()
  expect(screen.queryByRole('alert')).toBe(null)
})

it('says that a token was not the one', async () => {
  status = 401
  sessionStorage.setItem('motia-token', 'wrong')
  show('#/runs')
  expect((await screen.findByRole('alert')).textContent).toBe('That was not it.')
})

it('names the files that could not be loaded', async () => {
  const problem = { severity: 'error', file: 'steps/a.step.ts', line: 3, step: null, cause: 'no key', remedy: 'add it' }
  answers['/problems'] = { problems: [problem], kept: ['node'] }
  show('#/sidecars')
  expect(await screen.findByText('no key')).toBeTruthy()
  expect(screen.getByText('add it')).toBeTruthy()
})

it('says on every page which languages a core waits for', async () => {
  const before = answers['/sidecars']
  answers['/sidecars'] = { sidecars: [], awaited: ['go', 'node'] }
  show('#/runs')
  expect(await screen.findByText('go, node')).toBeTruthy()
  answers['/sidecars'] = before
})

it('says who starts an external sidecar again', async () => {
  const numbers = { pid: 7, running: 0, memoryBytes: 1, loopLagMs: 0, startedMs: 1, restarts: 0, steps: 1 }
  const state = { connected: true, busy: false, leaving: false, languages: ['go'] }
  const far = { name: 'go 7@web-1', group: 'go', address: '10.0.0.7:40112', ...numbers, ...state }
  const before = answers['/sidecars']
  answers['/sidecars'] = { sidecars: [far], awaited: [] }
  show('#/sidecars')
  expect(await screen.findByText('go · attached from 10.0.0.7:40112')).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Restart' }))
  expect(await screen.findByText(/Whoever runs them starts them again/)).toBeTruthy()
  answers['/sidecars'] = before
})

it('says on every page what could not be loaded, and that the version before goes on', async () => {
  const problem = { severity: 'error', file: 'steps/a.step.ts', line: 3, step: null, cause: 'no key', remedy: 'add it' }
  answers['/problems'] = { problems: [problem], kept: ['node'] }
  show('#/cron')
  const banner = await screen.findByText(/could not be loaded/)
  expect(banner.textContent).toContain('steps/a.step.ts:3 no key. What was there before goes on.')
  answers['/problems'] = { problems: [], kept: [] }
})

it('goes where the keys say', async () => {
  show('#/cron')
  await screen.findByText('There is no cron step')
  fireEvent.keyDown(document.body, { key: 'g' })
  fireEvent.keyDown(document.body, { key: 'q' })
  expect(await screen.findByText('There are no queues')).toBeTruthy()
  fireEvent.keyDown(document.body, { key: '?' })
  expect(await screen.findByText('search on this page')).toBeTruthy()
})

it('finds a step by some letters of its name', async () => {
  answers['/steps'] = {
    steps: [
      { id: 'Count', name: 'Count', type: 'event', subscribes: ['made'], file: 'steps/c.ts', flows: [], emits: [] },
    ],
  }
  show('#/cron')
  await screen.findByText('There is no cron step')
  fireEvent.keyDown(document.body, { key: 'k', ctrlKey: true })
  const field = await screen.findByLabelText('page, step or run')
  fireEvent.change(field, { target: { value: 'coun' } })
  await screen.findByText(/^Count/)
  fireEvent.keyDown(field, { key: 'Enter' })
  await waitFor(() => expect(location.hash).toBe('#/flows?step=Count'))
})

const step = (number: number) => ({
  id: `S${number}`,
  name: `Step${number}`,
  type: 'api',
  method: 'GET',
  path: `/s/${number}`,
  flows: [number % 2 ? 'odd' : 'even'],
})

it('renders of many endpoints what can be seen, below the names of their flows', async () => {
  answers['/steps'] = { steps: Array.from({ length: 2000 }, (_, number) => step(number)) }
  show('#/endpoints')
  const list = await screen.findByRole('list', { name: 'endpoints' })
  expect(list.querySelector('.heading')?.textContent).toBe('even')
  const lines = [...list.querySelectorAll<HTMLElement>('.line')]
  expect(lines.length).toBeGreaterThan(3)
  expect(lines.length).toBeLessThan(60)
  expect(lines[0]?.getAttribute('aria-current')).toBe('true')
  lines[0]?.focus()
  fireEvent.keyDown(lines[0] as HTMLElement, { key: 'j' })
  expect(document.activeElement).toBe(lines[1])
  fireEvent.click(lines[1] as HTMLElement)
  await waitFor(() => expect(location.hash).toBe('#/endpoints/S2'))
})

it('goes on when the requests that were kept are damaged', async () => {
  answers['/steps'] = { steps: [step(1)] }
  for (const damaged of ['[{', '"a"', '[null, {"path": 1}]']) {
    localStorage.setItem('motia-requests', damaged)
    show('#/endpoints')
    expect(await screen.findByRole('button', { name: 'Send' })).toBeTruthy()
    cleanup()
  }
  localStorage.clear()
})

it('says of a token that browsers do not send what is wrong with it', async () => {
  vi.stubGlobal('WebSocket', function refuse() {
    throw new DOMException('The subprotocol is invalid.', 'SyntaxError')
  })
  sessionStorage.setItem('motia-token', 'a/b=')
  answers['/streams'] = { streams: [{ name: 'board', groups: 1 }] }
  answers['/stream-groups'] = { groups: [{ group: 'open', items: 1 }], cursor: '' }
  show('#/streams/board?group=open')
  expect(await screen.findByText(/characters that browsers do not send/)).toBeTruthy()
})

it('says what to do for the first step, with files that are served as they are saved and without', async () => {
  show('#/flows')
  expect(await screen.findByText(/start the core again/)).toBeTruthy()
  cleanup()
  answers[''] = { ...(EMPTY[''] as object), isDev: true }
  show('#/flows')
  expect(await screen.findByText(/as soon as it is saved/)).toBeTruthy()
})

it('renders of the many attempts, calls, spans and logs of a run what can be seen', async () => {
  const many = <T,>(make: (number: number) => T) => Array.from({ length: 3000 }, (_, number) => make(number))
  // rows that are measured have a height, too
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(40)
  const one = {
    id: 1,
    traceId: run.traceId,
    parentId: null,
    step: 'Book',
    name: 'Book',
    language: 'python',
    trigger: 'http',
    label: 'POST /bookings',
    attempt: 1,
    status: 'completed',
    startedMs: run.startedMs,
    durationMs: 12,
    waitedMs: 0,
    deliveryId: null,
    error: null,
    input: null,
    output: null,
    spans: many((offsetMs) => ({
      spanId: `s${offsetMs}`,
      parentSpanId: null,
      name: 'query',
      kind: 'client',
      offsetMs,
      durationMs: 1,
      error: '',
      attributes: {},
    })),
    callsDropped: 0,
    calls: many((offsetMs) => ({ type: 'state.set', target: 'a/b', offsetMs, durationMs: 1, count: 1, error: null })),
  }
  const logs = many((id) => ({ id, time: run.startedMs, level: 'info', step: 'Book', msg: `line ${id}`, fields: {} }))
  answers[`/traces/${run.traceId}`] = { traceId: run.traceId, run, attempts: [one], logs } // each span has a row among the attempts
  show(`#/runs/${run.traceId}`)
  for (const name of ['attempts', 'calls', 'spans', 'logs']) {
    const rows = within(await screen.findByRole('list', { name })).getAllByRole('listitem')
    expect(rows.length).toBeGreaterThan(5)
    expect(rows.length).toBeLessThan(60)
    expect(rows[0]?.getAttribute('aria-setsize')).toBe(name === 'attempts' ? '3001' : '3000')
  }
})
