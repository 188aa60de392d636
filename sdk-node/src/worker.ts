/** Runs invocations: builds what the handler gets, calls it through its middleware, and reports how it ended. */

import { Attempt, type Runtime } from './attempt.js'
import { type Context, makeContext } from './context.js'
import { MotiaError } from './errors.js'
import { toFailure } from './failure.js'
import { type Cancel, CancelReason, type Complete, type Invoke } from './gen/motia/v1/invoke.js'
import { type LoadedStep, trimStack } from './loader.js'
import { parseJson, toRequest } from './payload.js'
import { toResponse } from './response.js'

type Outcome = NonNullable<Complete['outcome']>
type Callable = (...args: unknown[]) => unknown

const DONE: Outcome = { $case: 'done', value: {} }

export interface WorkerEvents {
  /** The handler has been started and has not ended at once. */
  accepted(invocationId: number): void
  completed(complete: Complete, invoke: Invoke): void
}

export class Worker {
  readonly attempts = new Map<number, Attempt>()
  private readonly steps = new Map<string, LoadedStep>()
  private projectRoot = ''

  constructor(
    private readonly runtime: Runtime,
    private readonly events: WorkerEvents,
  ) {}

  /** The steps that can be invoked. */
  use(steps: LoadedStep[], projectRoot: string): void {
    this.projectRoot = projectRoot
    for (const step of steps) this.steps.set(step.path, step)
  }

  start(invoke: Invoke): void {
    const step = this.steps.get(invoke.step)
    if (step?.handler === undefined) {
      const why = step === undefined ? 'is not loaded' : 'has no handler'
      const missing = { path: invoke.step, config: {}, middleware: [], line: 0, warnings: [] }
      const attempt = new Attempt(invoke, step ?? missing, this.runtime)
      this.end(attempt, this.failed(new MotiaError(`step ${invoke.step} ${why}`, 'load_error'), attempt))
      return
    }
    const attempt = new Attempt(invoke, step, this.runtime)
    this.attempts.set(invoke.invocationId, attempt)
    void this.run(attempt, step.handler as Callable)
    if (!attempt.ended) this.events.accepted(invoke.invocationId)
  }

  cancel(cancel: Cancel): void {
    const attempt = this.attempts.get(cancel.invocationId)
    if (attempt === undefined) return
    const error = cancellation(cancel.reason, attempt.invoke)
    attempt.controller.abort(error)
    if (cancel.signalOnly) return
    // A promise cannot be interrupted: the attempt ends here, and what its handler still does is ignored.
    attempt.isClosed = true
    const outcome = this.failed(error, attempt)
    const calls = attempt.callsAnswered()
    if (calls === undefined) this.end(attempt, outcome)
    else void calls.then(() => this.end(attempt, outcome))
  }

  private async run(attempt: Attempt, handler: Callable): Promise<void> {
    let outcome: Outcome
    try {
      outcome = await this.outcome(attempt, handler)
    } catch (error) {
      outcome = this.failed(error, attempt)
    }
    const calls = attempt.callsAnswered()
    if (calls !== undefined) await calls
    if (attempt.hasFailedCall) {
      await new Promise(setImmediate) // Node says only now which rejections nobody handles
      if (attempt.unnoticed !== undefined) outcome = this.failed(attempt.unnoticed, attempt)
    }
    this.end(attempt, outcome)
  }

  private async outcome(attempt: Attempt, handler: Callable): Promise<Outcome> {
    const context = makeContext(attempt)
    const trigger = attempt.invoke.trigger
    switch (trigger?.$case) {
      case 'http': {
        const request = toRequest(trigger.value)
        const result = await chain(attempt.step.middleware, handler, request, context)
        const response = toResponse(result)
        const limit = this.runtime.maxPayloadBytes
        if (response.body.length > limit) {
          const what = `the response body has ${response.body.length} bytes, the limit is ${limit}`
          throw new MotiaError(what, 'payload_too_large')
        }
        return { $case: 'http', value: response }
      }
      case 'event': {
        const text = trigger.value.data.toString()
        await handler(text === '' ? undefined : parseJson(text), context)
        return DONE
      }
      default:
        await handler(context)
        return DONE
    }
  }

  private end(attempt: Attempt, outcome: Outcome): void {
    if (attempt.ended) return
    attempt.ended = true
    const { invocationId, leaseToken } = attempt.invoke
    this.attempts.delete(invocationId)
    const handlerUs = Number(process.hrtime.bigint() - attempt.startedNs) / 1000
    this.events.completed({ invocationId, leaseToken, handlerUs: Math.round(handlerUs), outcome }, attempt.invoke)
  }

  private failed(error: unknown, attempt: Attempt): Outcome {
    const language = /\.[cm]?tsx?$/.test(attempt.invoke.step) ? 'typescript' : 'javascript'
    return { $case: 'failure', value: toFailure(error, language, (stack) => trimStack(stack, this.projectRoot)) }
  }
}

/** Calls the handler through its middleware: array order is outside in, and who does not call next ends the chain. */
function chain(middleware: Function[], handler: Callable, request: unknown, context: Context): unknown {
  if (middleware.length === 0) return handler(request, context)
  const run = (index: number): unknown => {
    const next = middleware[index] as Callable | undefined
    return next === undefined ? handler(request, context) : next(request, context, async () => run(index + 1))
  }
  return run(0)
}

function cancellation(reason: CancelReason, invoke: Invoke): MotiaError {
  if (reason === CancelReason.CANCEL_REASON_TIMEOUT) {
    const after = invoke.timeoutMs > 0 ? `after ${invoke.timeoutMs / 1000} seconds` : 'at the end of its lease'
    return new MotiaError(`Step execution timed out ${after}`, 'timeout')
  }
  const why: Partial<Record<CancelReason, string>> = {
    [CancelReason.CANCEL_REASON_CLIENT_GONE]: 'the client has left',
    [CancelReason.CANCEL_REASON_USER]: 'somebody asked for it',
    [CancelReason.CANCEL_REASON_SHUTDOWN]: 'the core is shutting down',
  }
  return new MotiaError(`Step execution was cancelled: ${why[reason] ?? 'no reason given'}`, 'cancelled')
}
