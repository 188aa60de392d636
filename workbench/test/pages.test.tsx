/** The pages in their states: filled, empty, refused, without a core. */

import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
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
  '/sidecars': { sidecars: [] },
  '/steps': { steps: [] },
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

afterEach(cleanup)

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
