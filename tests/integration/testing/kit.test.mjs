/** `motia/testing` as tests in JavaScript use it; test_vitest.py makes the project around it and runs it. */

import { StreamClient } from 'motia/client'
import { MotiaTestError, startMotia } from 'motia/testing'
import { afterAll, beforeEach, expect, it, vi } from 'vitest'
import { RetryableError, TerminalError } from 'motia'

const given = {
  config: { type: 'event', name: 'Given', subscribes: ['given'], emits: ['given.done'] },
  handler: async (data, { emit }) => emit({ topic: 'given.done', data: { got: data } }),
}
const motia = await startMotia({ steps: [given], env: { TAX: '19' } , project: '.' })
beforeEach(() => motia.reset())
afterAll(() => motia.close())

it('knows the steps', () => {
  expect(motia.steps).toEqual(['Greet', 'Welcome', 'Count', 'Given'])
  expect(motia.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
})

it('sends requests of all kinds', async () => {
  const response = await motia.post('/greet/ada', { json: { n: 1 }, query: { q: ['a', 'b'] }, headers: { 'x-a': 'y' } })
  expect(response).toMatchObject({ status: 200, ok: true })
  expect(response.json()).toEqual({ name: 'ada', body: { n: 1 }, q: ['a', 'b'], a: 'y' })
  expect(response.headers['content-type']).toContain('application/json')
  expect((await motia.get('/nowhere')).status).toBe(404)
  await expect(motia.run(await motia.get('/nowhere'))).rejects.toThrow('no trace id')
  expect((await motia.run(response)).attempts).toMatchObject([{ step: 'Greet', trigger: 'http', status: 'completed' }])
})

it('drains, and sees what was emitted, stored, logged and streamed', async () => {
  const seen = motia.watching('welcomed')
  const traceId = await motia.emit('joined', { name: 'ada' })
  await motia.drain()
  expect(seen()).toEqual([{ topic: 'welcomed', data: { name: 'ada', tax: '19' }, step: 'Welcome', traceId }])
  expect(motia.emitted('joined')).toEqual([{ name: 'ada' }])
  expect(motia.events().map(({ topic }) => topic)).toEqual(['joined', 'welcomed'])
  expect(await motia.state.get('people', 'ada')).toEqual({ welcomed: true })
  expect(await motia.state.group('people')).toEqual({ ada: { welcomed: true } })
  expect(await motia.logs('welcome', { step: 'Welcome', level: 'info' })).toMatchObject([{ fields: { name: 'ada' } }])
  expect(await motia.stream('board').items('people')).toMatchObject([{ id: 'ada', n: 1 }])
})

it('begins anew for each test', async () => {
  expect(motia.events()).toEqual([])
  expect(await motia.state.group('people')).toEqual({})
  expect(await motia.stream('board').items('people')).toEqual([])
})

it('reads and writes state and streams', async () => {
  await motia.state.set('g', 'k', { n: 1 }, { ttl: 60_000 })
  expect(await motia.state.update('g', 'k', [{ type: 'increment', path: '/n' }])).toEqual({ n: 2 })
  await motia.advance(59_000)
  expect(await motia.state.get('g', 'k')).toEqual({ n: 2 })
  await motia.advance('1s')
  expect(await motia.state.get('g', 'k')).toBeNull()
  await motia.state.set('g', 'a', 1)
  expect(await motia.state.delete('g', 'a')).toBe(1)
  const board = motia.stream('board')
  expect(await board.set('g', '1', { a: 1 })).toMatchObject({ id: '1', a: 1 })
  expect(await board.get('g', '1')).toMatchObject({ a: 1 })
  await board.send('g', { type: 'ping' })
  expect(await board.delete('g', '1')).toMatchObject({ a: 1 })
  await expect(motia.stream('bord').items('g')).rejects.toThrow("there is no stream 'bord'")
})

it('lets time pass', async () => {
  const began = await motia.now()
  await motia.emit('joined', { name: 'b' }, { delay: '2h' })
  await motia.emit('joined', { name: 'a' }, { at: new Date(began.getTime() + 3_600_000) })
  await motia.drain()
  expect(await motia.waiting('Welcome')).toMatchObject([
    { topic: 'joined', data: { name: 'a' }, why: 'is delayed; due in 1h' },
    { data: { name: 'b' }, why: 'is delayed; due in 2h' },
  ])
  const now = await motia.advance('2h')
  expect(now.getTime() - began.getTime()).toBe(7_200_000)
  expect(motia.emitted('welcomed').map(({ name }) => name)).toEqual(['a', 'b'])
  await expect(motia.advanceTo(began)).rejects.toThrow('time cannot go back')
})

it('follows schedules when asked', async () => {
  await motia.advance('2d')
  expect(motia.emitted('counted')).toEqual([])
  await motia.followCron()
  await motia.advance('2d')
  expect(motia.emitted('counted')).toHaveLength(2)
  const traceId = await motia.runCron('Count')
  await motia.drain()
  expect((await motia.run(traceId)).steps).toEqual(['Count'])
})

it('calls one handler', async () => {
  const called = await motia.call('Welcome', { name: 'x' })
  expect(called).toMatchObject({
    error: null,
    emits: [{ topic: 'welcomed' }],
    state: [{ operation: 'set', place: ['people', 'x'], value: { welcomed: true } }],
    streams: [{ operation: 'set', place: ['board', 'people', 'x'] }],
  })
  expect(motia.emitted('welcomed')).toEqual([])
  const api = await motia.call('Greet', { pathParams: { name: 'y' }, body: {} })
  expect(api.result).toMatchObject({ status: 200, body: { name: 'y' } })
  expect((await motia.call('Welcome', {})).error).toMatchObject({ type: 'KeyError' })
})

it('runs fakes with a context that is real', async () => {
  const fake = vi.fn(async (data, ctx) => {
    expect(ctx).toMatchObject({ attempt: 1, maxAttempts: 4, flows: [] })
    await ctx.state.set('fake', 'k', await ctx.run('once', () => 7))
    await ctx.streams.board.set('g', '1', { n: 1 })
    expect(await ctx.state.getGroup('fake')).toEqual([7])
    const { version } = await ctx.state.getVersioned('fake', 'k')
    expect(await ctx.state.compareAndSet('fake', 'k', version + 1, 8)).toMatchObject({ ok: false })
    expect((await ctx.state.list('fake')).items).toEqual([{ key: 'k', value: 7 }])
    ctx.logger.warn('from the fake', { data })
    ctx.emit({ topic: 'welcomed', data }) // need not be awaited
  })
  await motia.fake('Welcome', fake)
  await motia.emit('joined', { name: 'z' })
  await motia.drain()
  expect(fake).toHaveBeenCalledTimes(1)
  expect(await motia.state.get('fake', 'k')).toBe(7)
  expect(motia.emitted('welcomed')).toEqual([{ name: 'z' }])
  expect(await motia.logs('from the fake')).toMatchObject([{ level: 'warn', fields: { data: { name: 'z' } } }])
  await motia.fake('Greet', () => ({ status: 418, body: 'tea' }))
  expect(await motia.post('/greet/x')).toMatchObject({ status: 418, text: 'tea' })
  await motia.unfake('Greet')
  expect((await motia.post('/greet/x')).status).toBe(200)
})

it('has fakes sleep and wait', async () => {
  const steps = []
  await motia.fake('Welcome', async (_, ctx) => {
    await ctx.sleep(60_000)
    steps.push(await ctx.waitFor('answer', { n: 1 }, '1h'))
  })
  await motia.emit('joined', {})
  await motia.advance('1m')
  await motia.emit('answer', { n: 1, ok: true })
  await motia.drain()
  expect(steps).toEqual([{ n: 1, ok: true }])
})

it('runs steps that the test gives', async () => {
  await motia.emit('given', 5)
  await motia.drain()
  expect(motia.emitted('given.done')).toEqual([{ got: 5 }])
  await motia.fake('Given', () => {})
  await motia.unfake('Given')
  await motia.emit('given', 6)
  await motia.drain()
  expect(motia.emitted('given.done')).toEqual([{ got: 5 }, { got: 6 }])
})

it('retries what fails, and says what was given up', async () => {
  let calls = 0
  await motia.fake('Welcome', () => {
    calls += 1
    if (calls < 3) throw new RetryableError('later', { retryAfter: '1h' })
  })
  const began = await motia.now()
  await motia.emit('joined', {})
  await motia.drain()
  expect(calls).toBe(3)
  expect((await motia.now()).getTime() - began.getTime()).toBe(7_200_000)
  await motia.fake('Welcome', () => {
    throw new TerminalError('never')
  })
  await motia.emit('joined', { name: 'gone' })
  const failed = await motia.drain().catch((error) => error)
  expect(failed).toBeInstanceOf(MotiaTestError)
  expect(failed.code).toBe('TEST_UNEXPECTED_FAILURE')
  expect(failed.message).toContain("Welcome (steps/welcome_step.py) failed with 'joined', attempt 1: TerminalError: never")
  expect(failed.message).toContain('what was logged:')
  expect(failed.message).not.toContain('dist/testing')
  expect(failed.stack).toContain('kit.test.mjs')
  expect(await motia.deadLetters('Welcome')).toMatchObject([{ data: { name: 'gone' }, error: { type: 'TerminalError' } }])
  await motia.unfake('Welcome')
  expect(await motia.redrive()).toBe(1)
  await motia.drain()
  expect(motia.emitted('welcomed')).toMatchObject([{ name: 'gone' }])
})

it('says what still runs', async () => {
  let release
  const held = new Promise((resolve) => {
    release = resolve
  })
  await motia.fake('Welcome', () => held)
  await motia.emit('joined', {})
  await expect(motia.drain({ timeout: 200 })).rejects.toThrow(/Welcome \(steps\/welcome_step.py\) runs for .* s, by a fake/)
  release()
  await motia.drain()
})

it('lets clients watch streams', async () => {
  const client = new StreamClient(motia.url.replace('http', 'ws'))
  const group = client.group('board', 'g')
  await group.ready
  await motia.stream('board').set('g', '1', { n: 1 })
  await vi.waitFor(() => expect(group.items).toMatchObject([{ id: '1', n: 1 }]), 5_000)
  client.close()
})

it('says what there is not', async () => {
  await expect(motia.call('Welcom')).rejects.toThrow("there is no step 'Welcom'")
  await expect(motia.emit('joined', {}, { delay: 'soon' })).rejects.toThrow("delay is 'soon'")
})

it('keeps test files apart', async () => {
  const other = await startMotia({ steps: [given] })
  await other.emit('given', 1)
  await other.drain()
  expect(other.emitted('given.done')).toEqual([{ got: 1 }])
  expect(motia.events()).toEqual([])
  await other.close()
  await expect(other.drain()).rejects.toThrow('the project was closed')
})

it('says why it cannot start', async () => {
  await expect(startMotia({ project: 'nowhere' })).rejects.toThrow(/nowhere' does not exist or is not a folder/)
  await expect(startMotia({ command: 'no-such-program' })).rejects.toThrow('MOTIA_CORE')
  await expect(startMotia({ settings: { 'http.prot': 1 } })).rejects.toThrow('there is no setting http.prot')
})
