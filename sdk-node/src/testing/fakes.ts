/** Handlers that a test gives: they run in the test's process, and ask the project through the channel. */

import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RetryableError, TerminalError } from '../errors.js'
import { allPages, type Page, type PageOptions } from '../listing.js'
import type { Channel, FakeCall, Json } from './channel.js'

const HERE = dirname(fileURLToPath(import.meta.url))

// biome-ignore lint/suspicious/noExplicitAny: handlers of any step
export type FakeHandler = (...args: any[]) => unknown

class Pause {
  constructor(readonly waits: Json) {}
}

/** The answer to a call, which knows whether somebody looks at it. */
class Answer extends Promise<unknown> {
  static override readonly [Symbol.species] = Promise // what follows from it is no answer
  isNoticed = false

  // biome-ignore lint/suspicious/noThenProperty: who awaits it calls this
  override then<A = unknown, B = never>(
    onAnswer?: ((value: unknown) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.isNoticed = true
    return super.then(onAnswer, onError)
  }

  /** Resolves when it is there: what it has failed with. */
  async failure(): Promise<{ error: unknown } | undefined> {
    return super.then(
      () => undefined,
      (error) => ({ error }),
    )
  }
}

/** What a handler has asked for. */
class Asked {
  private readonly answers: Answer[] = []
  private readonly logged: Promise<unknown>[] = []

  add(asked: Promise<unknown>): Promise<unknown> {
    const answer = new Answer((resolve) => resolve(asked))
    this.answers.push(answer)
    void answer.failure() // whatever becomes of it, it is handled
    return answer
  }

  /** A record that cannot be written fails nothing. */
  addLog(asked: Promise<unknown>): void {
    this.logged.push(asked.catch(() => {}))
  }

  /** Waits for what the handler did not await. Throws the first failure that nobody has looked at, as attempts do. */
  async settled(): Promise<void> {
    await Promise.all(this.logged)
    for (const answer of this.answers) {
      const failure = await answer.failure()
      if (failure !== undefined && !answer.isNoticed) throw failure.error
    }
  }
}

/** Runs a fake, and says how it has ended. */
export async function runFake(channel: Channel, call: FakeCall, handler: FakeHandler): Promise<void> {
  const asked = new Asked()
  const context = contextOf(channel, call, asked)
  try {
    const ok = await ('input' in call ? handler(call.input, context) : handler(context))
    await asked.settled()
    channel.send({ fake: call.fake, ok: ok ?? null })
  } catch (error) {
    if (error instanceof Pause) channel.send({ fake: call.fake, waits: error.waits })
    else channel.send({ fake: call.fake, error: failureOf(error) })
  }
}

function contextOf(channel: Channel, { fake, context }: FakeCall, asked: Asked): Json {
  const ask = (operation: string, ...args: unknown[]): Promise<unknown> =>
    asked.add(channel.do('ask', { fake, operation, arguments: args }))
  const log = (level: string) => (message: unknown, fields?: unknown) => {
    const shown = fields === undefined ? {} : { fields: typeof fields === 'object' ? fields : { data: fields } }
    asked.addLog(channel.do('log', { fake, level, message: String(message), ...shown }))
  }
  return {
    traceId: context.traceId,
    traceparent: context.traceparent,
    attempt: context.attempt,
    maxAttempts: context.maxAttempts,
    flows: context.flows,
    emit: (event: Json) => ask('emit', withDurations(event)),
    state: stateOf(ask),
    streams: byName((name) => streamOf(ask, name)),
    sockets: {
      send: (id: string, data: unknown) => ask('sockets.send', id, data),
      broadcast: (path: string, data: unknown, { except = [] as string[] } = {}) =>
        ask('sockets.broadcast', path, data, except),
      close: (id: string, code = 1000, reason = '') => ask('sockets.close', id, code, reason),
    },
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

type Listed = PageOptions & { prefix?: string }
type Paged = Promise<Page<unknown>>
type Ask = (operation: string, ...args: unknown[]) => Promise<unknown>

function stateOf(ask: Ask): Json {
  const list = (group: string, { prefix = '', cursor = '', limit = 0 }: Listed = {}) =>
    ask('state.list', group, prefix, cursor, limit)
  return {
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
    list,
    groups: () => ask('state.groups'),
    listAll: (group: string, { prefix = '' } = {}) => allPages((page) => list(group, { prefix, ...page }) as Paged),
  }
}

function streamOf(ask: Ask, name: string): Json {
  const list = (group: string, { cursor = '', limit = 0 }: Listed = {}) =>
    ask('streams.list', name, group, cursor, limit)
  return {
    get: (group: string, id: string) => ask('streams.get', name, group, id),
    set: (group: string, id: string, data: unknown) => ask('streams.set', name, group, id, data),
    update: (group: string, id: string, operations: unknown) => ask('streams.update', name, group, id, operations),
    delete: (group: string, id: string) => ask('streams.delete', name, group, id),
    getGroup: (group: string) => ask('streams.getGroup', name, group),
    send: (channel: unknown, event: unknown) => ask('streams.send', name, channel, event),
    list,
    listAll: (group: string) => allPages((page) => list(group, page) as Paged),
    groups: () => ask('streams.groups', name),
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
