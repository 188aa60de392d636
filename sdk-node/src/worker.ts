/** Runs invocations: builds what the handler gets, calls it through its middleware, and reports how it ended. */

import { Attempt, type AttemptOwner, type Runtime } from './attempt.js'
import { type Context, makeContext } from './context.js'
import { withContext } from './current.js'
import { MotiaError } from './errors.js'
import { toFailure } from './failure.js'
import type { Failure } from './gen/motia/v1/failure.js'
import {
  type Cancel,
  CancelReason,
  type Complete,
  type HttpResponse,
  type Invoke,
  type StreamHook,
} from './gen/motia/v1/invoke.js'
import { type LoadedStep, referenceOf, trimStack } from './loader.js'
import { HandlerLogger } from './logger.js'
import { Tracing } from './otel.js'
import { type Parsers, parseData, parseRequest, parseSocketInput } from './parsing.js'
import { parseJson, toRequest } from './payload.js'
import { printing } from './prints.js'
import { toResponse } from './response.js'
import { type Pieces, ResponseStream } from './response-stream.js'
import { type SocketInput, toSocketInput, toSocketResponse } from './sockets.js'
import { askHook, hookOf, type StreamHooks } from './stream-hooks.js'

type Outcome = NonNullable<Complete['outcome']>
type Callable = (...args: unknown[]) => unknown

const DONE: Outcome = { $case: 'done', value: {} }

function noStep(path: string): LoadedStep {
  return {
    path,
    key: '',
    trigger: 0,
    isApi: false,
    config: {},
    middleware: [],
    middlewareCount: 0,
    isStrict: false,
    line: 0,
    warnings: [],
  }
}

export interface WorkerEvents {
  /** The handler has been started and has not ended at once. */
  accepted(invocationId: number): void
  completed(complete: Complete, invoke: Invoke): void
}

export class Worker implements AttemptOwner {
  readonly attempts = new Map<number, Attempt>()
  private readonly idlers: (() => void)[] = []
  private readonly steps = new Map<string, LoadedStep>()
  private hooks: ReadonlyMap<string, StreamHooks> = new Map()
  private projectRoot = ''
  private readonly tracing: Tracing

  constructor(
    private readonly runtime: Runtime,
    private readonly events: WorkerEvents,
  ) {
    this.tracing = new Tracing(runtime.span)
  }

  /** What can be invoked: steps, and the hooks of streams by their file. */
  use(steps: LoadedStep[], hooks: ReadonlyMap<string, StreamHooks>, projectRoot: string): void {
    this.projectRoot = projectRoot
    this.hooks = hooks
    for (const step of steps) this.steps.set(referenceOf(step), step)
  }

  start(invoke: Invoke): void {
    const step =
      invoke.trigger?.$case === 'stream' ? this.hookStep(invoke, invoke.trigger.value) : this.steps.get(invoke.step)
    if (step?.handler === undefined) {
      const why = step === undefined ? 'is not loaded' : 'has no handler'
      const missing = noStep(invoke.step)
      const attempt = new Attempt(invoke, step ?? missing, this.runtime, this)
      this.end(attempt, this.failed(new MotiaError(`step ${invoke.step} ${why}`, 'load_error'), attempt))
      return
    }
    const attempt = new Attempt(invoke, step, this.runtime, this)
    this.attempts.set(invoke.invocationId, attempt)
    void this.tracing.enter(invoke, () => this.run(attempt, step.handler as Callable))
    if (!attempt.ended) this.events.accepted(invoke.invocationId)
  }

  /** The function that is asked, as if it were a step. */
  private hookStep({ step }: Invoke, { kind }: StreamHook): LoadedStep | undefined {
    const handler = hookOf(this.hooks.get(step), kind)
    return handler === undefined ? undefined : { ...noStep(step), handler }
  }

  cancel(cancel: Cancel): void {
    const attempt = this.attempts.get(cancel.invocationId)
    if (attempt === undefined) return
    const error = cancellation(cancel.reason, attempt.invoke)
    attempt.controller.abort(error)
    if (cancel.signalOnly) return
    // A promise cannot be interrupted: the attempt ends here, and what its handler still does is ignored.
    attempt.isClosed = attempt.isCancelled = true
    const outcome = this.failed(error, attempt)
    void attempt.callsAnswered().then(() => this.end(attempt, outcome))
  }

  /** Ends what was cancelled and still waits for calls to be answered. */
  abandon(): void {
    for (const attempt of [...this.attempts.values()]) {
      this.end(attempt, this.failed(attempt.controller.signal.reason, attempt))
    }
  }

  /** The handler waits: the attempt ends without it. */
  suspended(attempt: Attempt): void {
    const { suspension } = attempt
    if (suspension !== undefined) void this.settle(attempt, { $case: 'suspended', value: suspension })
  }

  /** Resolves when nothing runs any more. */
  idle(): Promise<void> {
    if (this.attempts.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.idlers.push(resolve)
    })
  }

  /** Logs what user code threw where nobody can catch it, with the step that its stack names. */
  stray(error: unknown, what: string): void {
    const stack = error instanceof Error ? String(error.stack) : ''
    const isIn = ({ path }: LoadedStep) => [':', '?'].some((end) => stack.includes(`${this.projectRoot}/${path}${end}`))
    const loaded = [...this.steps.values()].find(isIn)
    const running = [...this.attempts.values()].filter((attempt) => attempt.step.path === loaded?.path)
    const invoke = running.length === 1 ? running[0]?.invoke : undefined
    const step = invoke?.step ?? loaded?.path
    const source = { step: step ?? '', invocationId: invoke?.invocationId ?? 0, traceId: invoke?.traceId ?? '' }
    const { message } = this.failure(error, step ?? '')
    const where = step === undefined ? what : `${what} in ${step}`
    const advice = 'no attempt fails with it, await or catch it where it is thrown'
    new HandlerLogger(source, this.runtime.log).error(`${where}: ${message} (${advice})`, { error })
  }

  private async run(attempt: Attempt, handler: Callable): Promise<void> {
    let outcome: Outcome
    try {
      outcome = await this.outcome(attempt, handler)
    } catch (error) {
      if (attempt.suspension !== undefined) return this.ignored(error, attempt)
      outcome = this.failed(error, attempt)
    }
    if (attempt.suspension !== undefined) return
    if (attempt.isUnsettled) await this.settle(attempt, outcome)
    else this.end(attempt, outcome)
  }

  /** Ends the attempt when its calls are answered. One that failed with nobody looking fails the attempt. */
  private async settle(attempt: Attempt, outcome: Outcome): Promise<void> {
    await attempt.settled()
    if (attempt.isCancelled) return
    this.end(attempt, attempt.unnoticed === undefined ? outcome : this.failed(attempt.unnoticed, attempt))
  }

  /** What the handler of a suspended attempt throws: it is started again anyway. */
  private ignored(error: unknown, attempt: Attempt): void {
    if (error instanceof MotiaError && error.kind === 'ended') return
    const logger = new HandlerLogger(attempt.invoke, this.runtime.log)
    logger.warn('the handler threw while its attempt was being suspended; nothing comes of it', { error })
  }

  private outcome(attempt: Attempt, handler: Callable): Promise<Outcome> {
    const context = makeContext(attempt)
    return withContext(context, () => printing(context, attempt.invoke, () => this.handled(attempt, handler, context)))
  }

  private async handled(attempt: Attempt, handler: Callable, context: Context): Promise<Outcome> {
    const trigger = attempt.invoke.trigger
    const parsers = this.parsersFor(attempt)
    switch (trigger?.$case) {
      case 'http': {
        const event = toSocketInput(trigger.value)
        if (event !== undefined) return await this.socketOutcome(attempt, handler, event, context)
        const request = toRequest(trigger.value)
        if (parsers !== undefined) await parseRequest(parsers, request)
        const result = await chain(attempt.step.middleware, handler, request, context)
        const { response, pieces } = toResponse(result)
        if (pieces !== undefined) return await this.streamOut(attempt, response, pieces)
        const limit = this.runtime.maxPayloadBytes
        if (response.body.length > limit) {
          const what = `the response body has ${response.body.length} bytes, the limit is ${limit}`
          throw new MotiaError(what, 'payload_too_large')
        }
        return { $case: 'http', value: response }
      }
      case 'event': {
        const text = trigger.value.data.toString()
        const data = text === '' ? undefined : parseJson(text)
        await handler(parsers === undefined ? data : await parseData(parsers, data), context)
        return DONE
      }
      case 'stream':
        return { $case: 'answer', value: await askHook(handler, trigger.value, context) }
      default:
        await handler(context)
        return DONE
    }
  }

  /** None: the handler gets what arrived, as in 0.x. */
  private parsersFor({ step }: Attempt): Parsers | undefined {
    return this.runtime.isStrict || step.isStrict ? step.parsers : undefined
  }

  /** Middleware stands before a connection, not between its messages. */
  private async socketOutcome(
    attempt: Attempt,
    handler: Callable,
    event: SocketInput,
    context: Context,
  ): Promise<Outcome> {
    const { middleware } = attempt.step
    const parsers = this.parsersFor(attempt)
    if (parsers !== undefined) await parseSocketInput(parsers, event)
    const around = event.type === 'connect' ? middleware : []
    return { $case: 'http', value: toSocketResponse(event.type, await chain(around, handler, event, context)) }
  }

  private async streamOut(attempt: Attempt, head: HttpResponse, pieces: Pieces): Promise<Outcome> {
    const sink = this.runtime.streamSink
    if (sink === undefined) {
      throw new MotiaError('this core does not take bodies piece by piece: upgrade motia-core', 'bad_result')
    }
    attempt.stream = new ResponseStream(attempt, head, sink)
    await attempt.stream.send(pieces)
    return DONE
  }

  private end(attempt: Attempt, outcome: Outcome): void {
    if (attempt.ended) return
    attempt.ended = true
    const { invocationId, leaseToken } = attempt.invoke
    this.attempts.delete(invocationId)
    const handlerUs = Number(process.hrtime.bigint() - attempt.startedNs) / 1000
    if (this.attempts.size === 0) for (const resolve of this.idlers.splice(0)) resolve()
    attempt.giveSlotBack()
    this.events.completed({ invocationId, leaseToken, handlerUs: Math.round(handlerUs), outcome }, attempt.invoke)
  }

  private failed(error: unknown, attempt: Attempt): Outcome {
    return { $case: 'failure', value: this.failure(error, attempt.invoke.step) }
  }

  private failure(error: unknown, step: string): Failure {
    const language = /\.[cm]?tsx?(#|$)/.test(step) ? 'typescript' : 'javascript'
    return toFailure(error, language, (stack) => trimStack(stack, this.projectRoot))
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
