/** What a handler gets as its context. Members may be taken out of it and passed around. */

import type { Attempt } from './attempt.js'
import { toEmit } from './emit.js'
import { HandlerLogger } from './logger.js'
import { Progress, type WaitOptions } from './progress.js'
import { Sockets } from './sockets.js'
import { State } from './state.js'
import { makeStreams, type Stream } from './streams.js'

export interface Context {
  readonly traceId: string
  /** W3C: the trace and the span of this attempt, for requests that the handler sends elsewhere. */
  readonly traceparent: string
  readonly flows: string[] | undefined
  readonly attempt: number
  readonly maxAttempts: number
  /** Publishes an event; resolves when it is durable. */
  readonly emit: (event: unknown) => Promise<void>
  /** Does something once, however often the handler is started; later attempts get the result. */
  readonly run: (key: string, fn: () => unknown) => Promise<unknown>
  /** Ends the attempt; the handler is started again after the duration, and then this resolves at once. */
  readonly sleep: (duration: unknown, options?: { key?: unknown }) => Promise<void>
  /** Ends the attempt until an event comes; resolves with its data, or null when it did not come in time. */
  readonly waitFor: (
    topic: string,
    ...how: [match?: unknown, timeout?: unknown, options?: WaitOptions]
  ) => Promise<unknown>
  readonly logger: HandlerLogger
  readonly state: State
  /** By name; a name that the project does not have is undefined. */
  readonly streams: Record<string, Stream>
  /** The WebSocket connections of this core. */
  readonly sockets: Sockets
  /** Aborts when the attempt is cancelled: its time is over, its client has left, the core stops. */
  readonly signal: AbortSignal
}

/** The context of an attempt: a plain object, so that it can be spread; what is not used is not made. */
export function makeContext(attempt: Attempt): Context {
  const { invoke, runtime } = attempt
  let streams: Record<string, Stream> | undefined
  return {
    traceId: invoke.traceId,
    traceparent: invoke.traceparent,
    flows: attempt.step.config.flows as string[] | undefined,
    attempt: invoke.attempt,
    maxAttempts: invoke.maxAttempts,
    emit: (event) => emit(attempt, event),
    run: (key, fn) => progressOf(attempt).run(key, fn),
    sleep: (duration, options) => progressOf(attempt).sleep(duration, options),
    waitFor: (topic, ...how) => progressOf(attempt).waitFor(topic, ...how),
    logger: new HandlerLogger(invoke, runtime.log),
    state: new State(attempt),
    get streams() {
      return (streams ??= makeStreams(attempt))
    },
    get sockets() {
      return new Sockets(attempt)
    },
    get signal() {
      return attempt.controller.signal
    },
  }
}

function progressOf(attempt: Attempt): Progress {
  return (attempt.progress ??= new Progress(attempt))
}

async function emit(attempt: Attempt, event: unknown): Promise<void> {
  const value = toEmit(event)
  await attempt.call({ $case: 'emit', value }, value.data.length)
}
