/** One attempt of a step: its context, its calls, its end. */

import type { Calls, Operation } from './calls.js'
import { MotiaError } from './errors.js'
import type { Invoke } from './gen/motia/v1/invoke.js'
import { LogLevel, type LogRecord } from './gen/motia/v1/telemetry.js'
import type { LoadedStep } from './loader.js'

/** What attempts share. */
export interface Runtime {
  calls: Calls
  streamNames: readonly string[]
  maxPayloadBytes: number
  log(record: LogRecord): void
}

/** Whose call an error is the failure of. */
const callFailures = new WeakMap<object, Attempt>()

/** A rejection that nobody handles: when it is a context call's, its attempt fails with it. Whether it was one. */
export function noteUnnoticed(reason: unknown): boolean {
  const attempt = typeof reason === 'object' && reason !== null ? callFailures.get(reason) : undefined
  if (attempt === undefined) return false
  attempt.unnoticed ??= reason
  return true
}

export class Attempt {
  readonly startedNs = process.hrtime.bigint()
  ended = false
  /** Cancelled: no further calls. */
  isClosed = false
  /** A call failed, whether or not somebody looked. */
  hasFailedCall = false
  /** The failure of a call that nobody looked at. */
  unnoticed: unknown
  private openCalls = 0
  private readonly whenAnswered: (() => void)[] = []
  private aborter: AbortController | undefined

  constructor(
    readonly invoke: Invoke,
    readonly step: LoadedStep,
    readonly runtime: Runtime,
  ) {}

  get controller(): AbortController {
    return (this.aborter ??= new AbortController())
  }

  /** Makes a context call; it goes out whether or not the result is awaited. */
  call(operation: Operation, payloadBytes = 0): Promise<Buffer> {
    if (this.ended || this.isClosed) {
      return Promise.reject(
        new MotiaError(`${operation.$case} after the invocation of ${this.invoke.step} had ended`, 'ended'),
      )
    }
    const limit = this.runtime.maxPayloadBytes
    if (payloadBytes > limit) {
      const what = `the payload of ${operation.$case} has ${payloadBytes} bytes, the limit is ${limit}`
      return Promise.reject(new MotiaError(what, 'payload_too_large'))
    }
    this.openCalls += 1
    const reply = this.runtime.calls.make(this.invoke.invocationId, this.invoke.leaseToken, operation, payloadBytes)
    reply.then(this.answered, (error: object) => {
      this.hasFailedCall = true
      callFailures.set(error, this)
      this.answered()
    })
    return reply
  }

  /** Waits for the calls that the handler did not await. */
  callsAnswered(): Promise<void> | undefined {
    if (this.openCalls === 0) return undefined
    return new Promise((resolve) => {
      this.whenAnswered.push(resolve)
    })
  }

  warn(message: string): void {
    const { invocationId, step, traceId } = this.invoke
    const fields = Buffer.alloc(0)
    this.runtime.log({
      invocationId,
      step,
      traceId,
      message,
      fields,
      timeUnixMs: Date.now(),
      level: LogLevel.LOG_LEVEL_WARN,
    })
  }

  private answered = (): void => {
    this.openCalls -= 1
    if (this.openCalls === 0) for (const resolve of this.whenAnswered.splice(0)) resolve()
  }
}
