/** One attempt of a step: its context, its calls, its end. */

import type { Calls, Operation } from './calls.js'
import { MotiaError } from './errors.js'
import type { Invoke, Suspended } from './gen/motia/v1/invoke.js'
import type { Pool } from './gen/motia/v1/lifecycle.js'
import { LogLevel, type LogRecord, type Span } from './gen/motia/v1/telemetry.js'
import type { LoadedStep } from './loader.js'
import type { Progress } from './progress.js'
import type { ResponseStream, StreamSink } from './response-stream.js'
import { RunScope } from './run-scope.js'

/** What attempts share. */
export interface Runtime {
  calls: Calls
  streamNames: readonly string[]
  maxPayloadBytes: number
  /** No handler gets what violates its schemas. */
  isStrict: boolean
  log(record: LogRecord): void
  span(span: Span): void
  /** Grants a slot of this pool again. */
  slotFree(pool: Pool): void
  /** Where streamed responses go; undefined: the core takes none. */
  streamSink: StreamSink | undefined
}

/** Who runs an attempt, and is told when it is to be suspended. */
export interface AttemptOwner {
  suspended(attempt: Attempt): void
}

const HELD_BACK: ReadonlySet<Operation['$case']> = new Set([
  'emit',
  'stateSet',
  'stateUpdate',
  'stateCompareAndSet',
  'stateDelete',
  'stateClear',
  'streamSet',
  'streamDelete',
  'streamUpdate',
  'streamSend',
])

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
  /** Cancelled or suspended: no further calls. */
  isClosed = false
  isCancelled = false
  /** What it emits and writes takes effect with its completion. */
  private readonly isAtomic: boolean
  /** A call failed, whether or not somebody looked. */
  hasFailedCall = false
  /** The failure of a call that nobody looked at. */
  unnoticed: unknown
  /** Once the handler has asked for it. */
  progress: Progress | undefined
  /** What the handler waits for. */
  suspension: Suspended | undefined
  /** Its response, when that goes out piece by piece. */
  stream: ResponseStream | undefined
  private hasSlot = true
  private openCalls = 0
  private openRuns = 0
  private waiting: (() => void)[] | undefined // until something of that has ended
  private aborter: AbortController | undefined

  constructor(
    readonly invoke: Invoke,
    readonly step: LoadedStep,
    readonly runtime: Runtime,
    private readonly owner: AttemptOwner,
  ) {
    this.isAtomic = step.config.atomic === true && invoke.trigger?.$case !== 'http'
  }

  get controller(): AbortController {
    return (this.aborter ??= new AbortController())
  }

  /** Grants the attempt's slot again, once: at its end, or when its response begins to stream. */
  giveSlotBack(): void {
    if (!this.hasSlot) return
    this.hasSlot = false
    this.runtime.slotFree(this.invoke.pool)
  }

  /** Makes a context call; it goes out whether or not the result is awaited. */
  call(operation: Operation, payloadBytes = 0): Promise<Buffer> {
    try {
      if (this.ended || this.isClosed) this.checkOpen(operation.$case)
      if (this.isAtomic) this.checkOutsideOfRuns(operation.$case)
      if (payloadBytes > this.runtime.maxPayloadBytes) {
        this.checkSize(`the payload of ${operation.$case}`, payloadBytes)
      }
    } catch (error) {
      return Promise.reject(error)
    }
    this.openCalls += 1
    const reply = this.runtime.calls.make(this.invoke.invocationId, this.invoke.leaseToken, operation, payloadBytes)
    reply.then(this.answered, (error: object) => {
      this.noteFailed(error)
      this.answered()
    })
    return reply
  }

  /** @throws MotiaError when the context cannot be used any more. */
  checkOpen(operation: string): void {
    if (!this.ended && !this.isClosed) return
    const { suspension } = this
    if (suspension === undefined) {
      throw new MotiaError(`${operation} after the invocation of ${this.invoke.step} had ended`, 'ended')
    }
    if (!this.ended && !this.isCancelled && RunScope.isWithin(this)) return
    const what = `${operation} is not possible now: ${this.invoke.step} waits as '${suspension.key}'`
    throw new MotiaError(`${what}, and is started again after that`, 'ended')
  }

  /** @throws MotiaError when a function of `ctx.run` does what is held back until the step completes. */
  private checkOutsideOfRuns(operation: Operation['$case']): void {
    if (!HELD_BACK.has(operation) || !RunScope.isWithin(this)) return
    const why = 'a later attempt would remember the result of run() without what it did'
    throw new MotiaError(
      `${operation} within run() of ${this.invoke.step}, which is atomic: ${why}. Emit and write outside of run()`,
      'write_in_run',
    )
  }

  /** @throws MotiaError when a payload is too large. */
  checkSize(what: string, bytes: number): void {
    const limit = this.runtime.maxPayloadBytes
    if (bytes > limit) throw new MotiaError(`${what} has ${bytes} bytes, the limit is ${limit}`, 'payload_too_large')
  }

  /** Ends the attempt with this wait, whatever its handler still does. The first one counts. */
  suspend(suspended: Suspended): void {
    if (this.ended || this.isClosed) return
    this.suspension = suspended
    this.isClosed = true
    this.owner.suspended(this)
  }

  /** A run has begun, which is to end before the attempt does; call what is returned when it has, once. */
  beginRun(): () => void {
    this.openRuns += 1
    return () => {
      this.openRuns -= 1
      this.wake()
    }
  }

  /** A call or a run failed: when nobody handles that, the attempt fails with it. */
  noteFailed(error: unknown): void {
    if (typeof error !== 'object' || error === null) return
    this.hasFailedCall = true
    callFailures.set(error, this)
  }

  /** Whether calls or runs are open, or one failed: the attempt has to settle before it ends. */
  get isUnsettled(): boolean {
    return this.openCalls > 0 || this.openRuns > 0 || this.hasFailedCall
  }

  /** Waits for the calls and runs that the handler did not await. */
  async settled(): Promise<void> {
    while (this.openCalls > 0 || this.openRuns > 0) await this.next()
    if (this.hasFailedCall) await new Promise(setImmediate) // Node says only now which rejections nobody handles
  }

  /** Waits for the calls only. */
  async callsAnswered(): Promise<void> {
    while (this.openCalls > 0) await this.next()
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
    this.wake()
  }

  private next(): Promise<void> {
    return new Promise((resolve) => {
      ;(this.waiting ??= []).push(resolve)
    })
  }

  private wake(): void {
    if (this.waiting !== undefined) for (const resolve of this.waiting.splice(0)) resolve()
  }
}
