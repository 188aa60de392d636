/** Handlers that a test gives: they run in the test's process, and ask the project through the channel. */

import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RetryableError, TerminalError } from '../errors.js'
import type { Channel, FakeCall, Json } from './channel.js'

const HERE = dirname(fileURLToPath(import.meta.url))

// biome-ignore lint/suspicious/noExplicitAny: handlers of any step
export type FakeHandler = (...args: any[]) => unknown

class Pause {
  constructor(readonly waits: Json) {}
}

/** Runs a fake, and says how it has ended. */
export async function runFake(channel: Channel, call: FakeCall, handler: FakeHandler): Promise<void> {
  const open = new Set<Promise<unknown>>()
  const context = contextOf(channel, call, open)
  try {
    const ok = await ('input' in call ? handler(call.input, context) : handler(context))
    await Promise.all(open)
    channel.send({ fake: call.fake, ok: ok ?? null })
  } catch (error) {
    if (error instanceof Pause) channel.send({ fake: call.fake, waits: error.waits })
    else channel.send({ fake: call.fake, error: failureOf(error) })
  }
}

function contextOf(channel: Channel, { fake, context }: FakeCall, open: Set<Promise<unknown>>): Json {
  const ask = (operation: string, ...args: unknown[]): Promise<unknown> => {
    const asked = channel.do('ask', { fake, operation, arguments: args })
    const settled = asked.then(
      () => {},
      () => {},
    )
    open.add(settled)
    return asked
  }
  const log = (level: string) => (message: unknown, fields?: unknown) => {
    const shown = fields === undefined ? {} : { fields: typeof fields === 'object' ? fields : { data: fields } }
    open.add(channel.do('log', { fake, level, message: String(message), ...shown }))
  }
  return {
    traceId: context.traceId,
    attempt: context.attempt,
    maxAttempts: context.maxAttempts,
    flows: context.flows,
    emit: (event: Json) => ask('emit', withDurations(event)),
    state: {
      get: (group: string, key: string) => ask('state.get', group, key),
      set: (group: string, key: string, value: unknown, options?: { ttl?: unknown }) =>
        ask('state.set', group, key, value, toDuration(options?.ttl) ?? null),
      update: (group: string, key: string, operations: unknown) => ask('state.update', group, key, operations),
      delete: (group: string, key: string) => ask('state.delete', group, key),
      getGroup: (group: string) => ask('state.getGroup', group),
      clear: (group: string) => ask('state.clear', group),
      getVersioned: (group: string, key: string) => ask('state.getVersioned', group, key),
      compareAndSet: (group: string, key: string, expected: number, value: unknown, options?: { ttl?: unknown }) =>
        ask('state.compareAndSet', group, key, expected, value, toDuration(options?.ttl) ?? null),
      list: (group: string, { prefix = '', cursor = '', limit = 0 } = {}) =>
        ask('state.list', group, prefix, cursor, limit),
    },
    streams: byName((name) => streamOf(ask, name)),
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    signal: new AbortController().signal,
    ...waitsOf(ask, context.remembered),
  }
}

/** An object that has whatever is asked for by name; but it is no promise. */
export function byName<T>(make: (name: string) => T): Record<string, T> {
  return new Proxy<Record<string, T>>(
    {},
    { get: (_, name) => (typeof name === 'string' && name !== 'then' ? make(name) : undefined) },
  )
}

type Ask = (operation: string, ...args: unknown[]) => Promise<unknown>

function streamOf(ask: Ask, name: string): Json {
  return {
    get: (group: string, id: string) => ask('streams.get', name, group, id),
    set: (group: string, id: string, data: unknown) => ask('streams.set', name, group, id, data),
    update: (group: string, id: string, operations: unknown) => ask('streams.update', name, group, id, operations),
    delete: (group: string, id: string) => ask('streams.delete', name, group, id),
    getGroup: (group: string) => ask('streams.getGroup', name, group),
    send: (channel: unknown, event: unknown) => ask('streams.send', name, channel, event),
    list: (group: string, { cursor = '', limit = 0 } = {}) => ask('streams.list', name, group, cursor, limit),
  }
}

function waitsOf(ask: Ask, remembered: Record<string, unknown>): Json {
  let count = 0
  const pause = async (key: string, waits: Json): Promise<unknown> => {
    if (key in remembered) return remembered[key]
    throw new Pause({ key, ...waits })
  }
  return {
    run: async (key: string, fn: () => unknown) => {
      if (key in remembered) return remembered[key]
      const value = await fn()
      await ask('remember', key, value ?? null)
      return value
    },
    sleep: (duration: unknown, options?: { key?: string }) =>
      pause(options?.key ?? `sleep:${++count}`, { sleep: toDuration(duration) }),
    waitFor: (topic: string, match?: unknown, timeout?: unknown, options?: { key?: string }) =>
      pause(options?.key ?? `wait:${++count}`, { topic, match, timeout: toDuration(timeout) }),
  }
}

/** Durations of JavaScript are milliseconds, those of the core seconds; texts are the same. */
export function toDuration(duration: unknown): unknown {
  return typeof duration === 'number' ? `${duration}ms` : duration
}

export function withDurations(event: Json): Json {
  const found: Json = { ...event }
  for (const name of ['delay', 'idempotencyWindow']) if (name in found) found[name] = toDuration(found[name])
  const { at } = found
  if (at instanceof Date) found.at = at.toISOString()
  else if (typeof at === 'number') found.at = at / 1000
  return found
}

function failureOf(error: unknown): Json {
  if (!(error instanceof Error)) return { message: String(error) }
  const stack = withoutOwn((error.stack ?? '').split('\n'))
  const failure: Json = { type: error.name, message: error.message, stack: stack.join('\n') }
  if (error instanceof TerminalError) failure.terminal = true
  if (error instanceof RetryableError && error.retryAfterMs !== undefined) failure.retryAfterMs = error.retryAfterMs
  return failure
}

/** The lines of a stack that are the test's: what is below is how we called it. */
export function withoutOwn(lines: string[]): string[] {
  const own = lines.findIndex((line) => line.includes(HERE))
  return lines.slice(0, own < 0 ? undefined : own)
}
