/** What a handler gets as its context. Members may be taken out of it and passed around. */

import type { Attempt } from './attempt.js'
import { MotiaError } from './errors.js'
import { HandlerLogger } from './logger.js'
import { parseJson, toJson } from './payload.js'

const EMPTY = Buffer.alloc(0)

export interface Context {
  readonly traceId: string
  readonly flows: string[] | undefined
  readonly attempt: number
  readonly maxAttempts: number
  /** Publishes an event; resolves when it is durable. */
  readonly emit: (event: unknown) => Promise<void>
  readonly logger: HandlerLogger
  readonly state: State
  /** By name; a name that the project does not have is undefined. */
  readonly streams: Record<string, Stream>
  /** Aborts when the attempt is cancelled: its time is over, its client has left, the core stops. */
  readonly signal: AbortSignal
}

/** The context of an attempt: a plain object, so that it can be spread; what is not used is not made. */
export function makeContext(attempt: Attempt): Context {
  const { invoke, runtime } = attempt
  let logger: HandlerLogger | undefined
  let state: State | undefined
  let streams: Record<string, Stream> | undefined
  return {
    traceId: invoke.traceId,
    flows: attempt.step.config.flows as string[] | undefined,
    attempt: invoke.attempt,
    maxAttempts: invoke.maxAttempts,
    emit: (event) => emit(attempt, event),
    get logger() {
      const source = { invocationId: invoke.invocationId, step: invoke.step, traceId: invoke.traceId }
      return (logger ??= new HandlerLogger(source, runtime.log))
    },
    get state() {
      return (state ??= new State(attempt))
    },
    get streams() {
      return (streams ??= makeStreams(attempt))
    },
    get signal() {
      return attempt.controller.signal
    },
  }
}

async function emit(attempt: Attempt, event: unknown): Promise<void> {
  const { topic, data, messageGroupId } = (typeof event === 'object' && event !== null ? event : {}) as Record<
    string,
    unknown
  >
  const text = data === undefined ? undefined : toJson(data, `data of emit to '${String(topic)}'`)
  if (data !== undefined && text === undefined) {
    throw new MotiaError(`data of emit to '${String(topic)}' is a ${typeof data}, which is not JSON`, 'schema')
  }
  const bytes = text === undefined ? EMPTY : Buffer.from(text)
  await attempt.call(
    {
      $case: 'emit',
      value: {
        topic: typeof topic === 'string' ? topic : '', // the core says what is wrong, and drops it (0.x behaviour)
        data: bytes,
        messageGroupId: messageGroupId === undefined || messageGroupId === null ? '' : String(messageGroupId),
      },
    },
    bytes.length,
  )
}

/** Groups of keys that hold JSON. */
export class State {
  #attempt: Attempt

  constructor(attempt: Attempt) {
    this.#attempt = attempt
  }

  get = async (groupId: unknown, key?: unknown): Promise<unknown> => {
    if (key === undefined) return this.#incomplete('get')
    return this.#read({ $case: 'stateGet', value: { groupId: String(groupId), key: String(key) } })
  }

  set = async (groupId: unknown, key?: unknown, value?: unknown): Promise<unknown> => {
    if (key === undefined) return this.#incomplete('set')
    const text = toJson(value ?? null, `state value ${String(groupId)}/${String(key)}`)
    if (text === undefined) {
      throw new MotiaError(
        `state value ${String(groupId)}/${String(key)} is a ${typeof value}, which is not JSON`,
        'schema',
      )
    }
    const bytes = Buffer.from(text)
    const call = { $case: 'stateSet' as const, value: { groupId: String(groupId), key: String(key), value: bytes } }
    await this.#attempt.call(call, bytes.length)
    return value
  }

  delete = async (groupId: unknown, key?: unknown): Promise<unknown> => {
    if (key === undefined) return this.#incomplete('delete')
    return this.#read({ $case: 'stateDelete', value: { groupId: String(groupId), key: String(key) } })
  }

  getGroup = async (groupId: unknown): Promise<unknown> =>
    this.#read({ $case: 'stateGetGroup', value: { groupId: String(groupId) } })

  clear = async (groupId: unknown): Promise<void> => {
    await this.#attempt.call({ $case: 'stateClear', value: { groupId: String(groupId) } })
  }

  async #read(call: Parameters<Attempt['call']>[0]): Promise<unknown> {
    return parseJson((await this.#attempt.call(call)).toString())
  }

  #incomplete(method: string): null {
    this.#attempt.warn(`state.${method} needs a group and a key: nothing was done`)
    return null
  }
}

/** The items of one stream. */
export class Stream {
  #attempt: Attempt
  #name: string

  constructor(attempt: Attempt, name: string) {
    this.#attempt = attempt
    this.#name = name
  }

  get = async (groupId: unknown, id: unknown): Promise<unknown> =>
    this.#read({ $case: 'streamGet', value: this.#address(groupId, id) })

  set = async (groupId: unknown, id: unknown, data: unknown): Promise<unknown> => {
    const text = toJson(data ?? null, `item ${String(groupId)}/${String(id)} of stream '${this.#name}'`) ?? 'null'
    const bytes = Buffer.from(text)
    return this.#read({ $case: 'streamSet', value: { ...this.#address(groupId, id), data: bytes } }, bytes.length)
  }

  delete = async (groupId: unknown, id: unknown): Promise<unknown> =>
    this.#read({ $case: 'streamDelete', value: this.#address(groupId, id) })

  getGroup = async (groupId: unknown): Promise<unknown> =>
    this.#read({ $case: 'streamGetGroup', value: { stream: this.#name, groupId: String(groupId) } })

  send = async (
    channel: { groupId: unknown; id?: unknown },
    event: { type: unknown; data?: unknown },
  ): Promise<void> => {
    const text = event.data === undefined ? undefined : toJson(event.data, `data of event '${String(event.type)}'`)
    const address = this.#address(channel.groupId, channel.id ?? '')
    const data = text === undefined ? EMPTY : Buffer.from(text)
    await this.#attempt.call(
      { $case: 'streamSend', value: { ...address, type: String(event.type), data } },
      data.length,
    )
  }

  #address(groupId: unknown, id: unknown): { stream: string; groupId: string; id: string } {
    return { stream: this.#name, groupId: String(groupId), id: String(id) }
  }

  async #read(call: Parameters<Attempt['call']>[0], payloadBytes = 0): Promise<unknown> {
    return parseJson((await this.#attempt.call(call, payloadBytes)).toString())
  }
}

/** The project's streams by name; any other name is undefined, as in 0.x. */
function makeStreams(attempt: Attempt): Record<string, Stream> {
  const streams: Record<string, Stream> = {}
  for (const name of attempt.runtime.streamNames) {
    let stream: Stream | undefined
    Object.defineProperty(streams, name, { enumerable: true, get: () => (stream ??= new Stream(attempt, name)) })
  }
  return streams
}
