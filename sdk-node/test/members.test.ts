/** The contexts of tests have the members of the real one; what they lack on purpose is named here. */

import { describe, expect, it } from 'vitest'
import type { Attempt } from '../src/attempt.js'
import { makeContext as real } from '../src/context.js'
import { Stream } from '../src/streams.js'
import type { Channel, Json } from '../src/testing/channel.js'
import { runFake } from '../src/testing/fakes.js'
import { makeContext } from '../src/testing/make-context.js'

const LEFT_OUT = new Set([
  'logger.addListener', // of 0.x, for its runtime
])
const INTERNAL = ['constructor', 'attempt', 'source', 'sink', 'listeners', 'log']

const ATTEMPT = {
  invoke: { traceId: 'T' },
  runtime: { streamNames: [], log: () => {} },
  step: { config: {} },
  controller: new AbortController(),
} as unknown as Attempt
const CALL = {
  fake: 1,
  step: 'A',
  input: {},
  context: { traceId: 'T', traceparent: '', attempt: 1, maxAttempts: 4, flows: [], remembered: {} },
}

/** The context that a fake gets; it is answered with the pages of a list. */
async function fake(use: (context: Json) => unknown = () => {}): Promise<Json> {
  let found: Json = {}
  const pages = [
    { items: [1, 2], cursor: 'c' },
    { items: [3], cursor: '' },
  ]
  const channel = { do: async () => pages.shift(), send: () => {} } as unknown as Channel
  await runFake(channel, CALL, async (_, context) => {
    found = context
    await use(context)
  })
  return found
}

function members(of: object): string[] {
  const names = new Set<string>()
  for (let at = of; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at))
    for (const name of Object.getOwnPropertyNames(at)) names.add(name)
  return [...names].filter((name) => !INTERNAL.includes(name)).sort()
}

describe.each([
  ['made', async () => makeContext() as unknown as Json],
  ['fake', () => fake()],
])('the %s context', (_, make) => {
  it('has the members of the real one', async () => {
    const context = await make()
    const wanted = real(ATTEMPT)
    expect(Object.keys(wanted).filter((name) => !(name in context))).toEqual([])
    for (const part of ['state', 'sockets', 'logger', 'signal'] as const) {
      const there = context[part] as object
      const missing = members(wanted[part]).filter((name) => !(name in there) && !LEFT_OUT.has(`${part}.${name}`))
      expect([part, missing]).toEqual([part, []])
    }
    const stream = (context.streams as Record<string, object>).any as object
    expect(members(new Stream(ATTEMPT, 'any')).filter((name) => !(name in stream))).toEqual([])
  })
})

it('fakes list page by page', async () => {
  const found: unknown[] = []
  await fake(async ({ state }) => {
    for await (const one of (state as { listAll(group: string): AsyncGenerator }).listAll('g')) found.push(one)
  })
  expect(found).toEqual([1, 2, 3])
})

it('made contexts remember, compare and list as the real one does', async () => {
  const context = makeContext({ state: { g: { a: 1 }, empty: {} }, streams: { s: { g: { 1: { x: 1 } } } } })
  let runs = 0
  const twice = async () => context.run('once', async () => ++runs)
  expect([await twice(), await twice(), context.remembered]).toEqual([1, 1, { once: 1 }])
  expect(await context.state.groups()).toEqual(['g'])
  expect(await context.state.getVersioned('g', 'a')).toEqual({ value: 1, version: 1 })
  expect(await context.state.compareAndSet('g', 'a', 0, 2)).toEqual({ ok: false, version: 1 })
  expect(await context.state.compareAndSet('g', 'a', 1, 2)).toEqual({ ok: true, version: 2 })
  expect(await context.state.getVersioned('g', 'none')).toEqual({ value: null, version: 0 })
  expect(await context.streams.s.list('g')).toEqual({ items: [{ x: 1, id: '1' }], cursor: '' })
  expect(await context.streams.s.groups()).toEqual(['g'])
  expect(await context.sockets.send('c1', 'hello')).toBe(true)
  expect(context.messages).toEqual([{ connection: 'c1', data: 'hello' }])
})
