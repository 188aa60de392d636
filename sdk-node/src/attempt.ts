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
  log(record: LogRecord): void
}

export class Attempt {
  readonly startedNs = process.hrtime.bigint()
  ended = false
  private openCalls = 0
  private whenAnswered: (() => void) | undefined
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
    if (this.ended) {
      return Promise.reject(
        new MotiaError(`${operation.$case} after the invocation of ${this.invoke.step} had ended`, 'ended'),
      )
    }
    this.openCalls += 1
    const reply = this.runtime.calls.make(this.invoke.invocationId, this.invoke.leaseToken, operation, payloadBytes)
    reply.then(this.answered, this.answered)
    return reply
  }

  /** Waits for the calls that the handler did not await. */
  callsAnswered(): Promise<void> | undefined {
    if (this.openCalls === 0) return undefined
    return new Promise((resolve) => {
      this.whenAnswered = resolve
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
    if (this.openCalls === 0) this.whenAnswered?.()
  }
}
