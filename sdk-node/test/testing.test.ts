/** What `motia/testing` has for tests without a core: mock functions, and contexts in memory. */

import { describe, expect, expectTypeOf, it } from 'vitest'
import { createEventManager, createMockContext, createMockLogger } from '../src/testing/as-before.js'
import { withoutOwn } from '../src/testing/fakes.js'
import { createMockFunction, type MadeContext, makeContext } from '../src/testing/index.js'
import type { FlowContext } from '../src/types.js'

describe('mock functions', () => {
  it('are taken by expect for its own', async () => {
    const mock = createMockFunction()
    mock('a', 1)
    mock('b')
    expect(mock).toHaveBeenCalledTimes(2)
    expect(mock).toHaveBeenCalledWith('a', 1)
    expect(mock).toHaveBeenLastCalledWith('b')
    expect(mock).toHaveBeenNthCalledWith(1, 'a', 1)
    expect(mock).not.toHaveBeenCalledWith('c')
    expect(mock.mock.lastCall).toEqual(['b'])
    mock.mockClear()
    expect(mock).not.toHaveBeenCalled()
  })

  it('return what was said', async () => {
    const mock = createMockFunction(() => 'first')
      .mockReturnValueOnce(1)
      .mockResolvedValueOnce(2)
    mock.mockRejectedValueOnce(new Error('three'))
    expect(mock()).toBe(1)
    expect(await mock()).toBe(2)
    await expect(mock()).rejects.toThrow('three')
    expect(mock()).toBe('first')
    expect(mock.mockReturnValue(4)()).toBe(4)
    expect(mock).toHaveReturnedWith(4)
    expect(mock).toHaveResolvedWith(2)
    mock.mockReset()
    expect(mock()).toBe('first')
    const throwing = createMockFunction(() => {
      throw new Error('no')
    })
    expect(() => throwing()).toThrow('no')
    expect(throwing.mock.results).toMatchObject([{ type: 'throw' }])
  })
})

describe('as before', () => {
  it('mocks the context as 0.x did', async () => {
    const context = createMockContext()
    expect(context.traceId).toBe('mock-trace-id')
    context.state.get.mockResolvedValue({ n: 1 })
    expect(await context.state.get('g', 'k')).toEqual({ n: 1 })
    context.logger.info('hello', { a: 1 })
    expect(context.logger.info).toHaveBeenCalledWith('hello', { a: 1 })
    const emit = createMockFunction()
    expect(createMockContext({ emit, traceId: 'x' })).toMatchObject({ emit, traceId: 'x' })
    expect(Object.keys(createMockLogger())).toEqual(['info', 'debug', 'warn', 'error', 'log'])
  })

  it('hands events on', async () => {
    const manager = createEventManager()
    const handler = createMockFunction()
    manager.subscribe({ event: 't', filePath: 'a', handler })
    await manager.emit({ topic: 't', data: 1 })
    await manager.emit({ topic: 'u', data: 2 })
    manager.unsubscribe({ event: 't', filePath: 'a' })
    await manager.emit({ topic: 't', data: 3 })
    expect(handler.mock.calls).toEqual([[{ topic: 't', data: 1 }]])
  })
})

describe('made contexts', () => {
  it('work in memory, and remember', async () => {
    const handler = async (order: { id: string }, ctx: FlowContext<{ topic: string; data: unknown }>) => {
      expect(await ctx.state.get('orders', order.id)).toBeNull()
      await ctx.state.set('orders', order.id, order)
      await ctx.state.update('orders', order.id, [{ type: 'increment', path: '/n', by: 2 }])
      await ctx.emit({ topic: 'paid', data: order, delay: '5m' })
      await ctx.sleep('1h')
      expect(await ctx.waitFor('answer')).toEqual({ ok: true })
      expect(await ctx.waitFor('other')).toBeNull()
      expect(await ctx.run('k', () => 5)).toBe(5)
      ctx.logger.info('done', { id: order.id })
    }
    const context = makeContext({ answers: { answer: { ok: true } } })
    expectTypeOf<MadeContext>().toExtend<FlowContext<never>>()
    await handler({ id: '1' }, context)
    expect(context.stored).toEqual({ orders: { 1: { id: '1', n: 2 } } })
    expect(context.emitted).toEqual([{ topic: 'paid', data: { id: '1' }, delay: '5m' }])
    expect(context.slept).toEqual(['1h'])
    expect(context.logs).toEqual([{ level: 'info', message: 'done', fields: { id: '1' } }])
  })

  it('have streams of any name', async () => {
    const context = makeContext({ streams: { board: { g: { a: { n: 1 } } } } })
    const { board } = context.streams
    expect(await board.getGroup('g')).toEqual([{ id: 'a', n: 1 }])
    expect(await board.update('g', 'a', [{ type: 'set', path: '/x/y', value: 2 }])).toEqual({
      id: 'a',
      n: 1,
      x: { y: 2 },
    })
    await board.send({ groupId: 'g' }, { type: 'ping' })
    expect(context.sent).toEqual([{ stream: 'board', channel: { groupId: 'g' }, event: { type: 'ping' } }])
    expect(await board.delete('g', 'a')).toMatchObject({ id: 'a' })
    expect(context.items).toEqual({ board: { g: {} } })
    expect(context.streams.then).toBeUndefined()
  })

  it('list what they hold', async () => {
    const context = makeContext({ state: { g: { b: 2, a: 1, c: 3 } } })
    expect(await context.state.list('g', { prefix: 'a' })).toEqual({ items: [{ key: 'a', value: 1 }], cursor: '' })
    const all = []
    for await (const { key } of context.state.listAll('g')) all.push(key)
    expect(all).toEqual(['a', 'b', 'c'])
    expect(await context.state.delete('g', 'a')).toBe(1)
    await context.state.clear('g')
    expect(context.stored).toEqual({})
    await expect(context.state.update('g', 'k', [{ type: 'grow' } as never])).rejects.toThrow('grow')
  })
})

it('leaves our own frames out of stacks', () => {
  const lines = [
    'Error: x',
    '    at test.ts:1:1',
    `    at ${new URL('../src/testing/motia.ts', import.meta.url).pathname}:1:1`,
  ]
  expect(withoutOwn([...lines, '    at node:events'])).toEqual(lines.slice(0, 2))
  expect(withoutOwn(lines.slice(0, 2))).toEqual(lines.slice(0, 2))
})
