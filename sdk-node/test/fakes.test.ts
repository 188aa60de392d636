/** Fakes, and the channel to the process that runs the project. */

import { describe, expect, it } from 'vitest'
import { Channel, type Json } from '../src/testing/channel.js'
import { type FakeHandler, runFake } from '../src/testing/fakes.js'

const CALL = {
  fake: 1,
  step: 'A',
  input: {},
  context: { traceId: 'T', traceparent: '', attempt: 1, maxAttempts: 4, flows: [], remembered: {} },
}

/** What a fake is said to have done, when all that it asks for fails. */
async function ran(handler: FakeHandler): Promise<Json | undefined> {
  const sent: Json[] = []
  const channel = {
    do: (method: string, given: Json) => Promise.reject(new Error(`${method} ${given.operation ?? given.level}`)),
    send: (message: Json) => void sent.push(message),
  }
  await runFake(channel as unknown as Channel, CALL, handler)
  return sent[0]
}

describe('fakes', () => {
  it('fail with a call that failed while nobody looked', async () => {
    const failed = await ran((_, { emit, state }) => {
      emit({ topic: 'a' })
      state.get('g', 'k')
    })
    expect(failed).toMatchObject({ fake: 1, error: { message: 'ask emit' } })
  })

  it('do not fail with what they handle, now or later', async () => {
    const now = await ran(async (_, { emit }) => emit({ topic: 'a' }).catch(() => 'handled'))
    expect(now).toEqual({ fake: 1, ok: 'handled' })
    const later = await ran(async (_, { emit, state }) => {
      const first = emit({ topic: 'a' })
      await state.get('g', 'k').catch(() => {})
      return Promise.allSettled([first]).then(([{ status }]) => status)
    })
    expect(later).toEqual({ fake: 1, ok: 'rejected' })
    const thrown = await ran(async (_, { emit }) => await emit({ topic: 'a' }))
    expect(thrown).toMatchObject({ error: { message: 'ask emit' } })
  })

  it('do not fail for a log record that cannot be written', async () => {
    expect(await ran((_, { logger }) => logger.info('hello'))).toEqual({ fake: 1, ok: null })
    const failed = await ran((_, { logger }) => {
      logger.info('hello')
      throw new Error('own')
    })
    expect(failed).toMatchObject({ error: { message: 'own' } }) // and Vitest would tell of an unhandled rejection
  })
})

describe('the channel', () => {
  it('refuses what is asked when the process has ended', async () => {
    const ready = JSON.stringify({ ready: { url: '', steps: [] } })
    const code = `console.log(${JSON.stringify(ready)}); process.stdin.once('data', () => process.exit(3))`
    const channel = new Channel(process.execPath, ['-e', code], process.cwd())
    await channel.ready
    await expect(channel.do('emit')).rejects.toThrow('motia-core ended too early (3)')
    await expect(channel.do('emit')).rejects.toThrow('motia-core ended too early (3)')
  })
})
