/**
 * The users' OpenTelemetry: handlers continue the core's trace, and the spans that end in them are shown with the core's.
 * Nothing is loaded for it: OpenTelemetry's API keeps what is registered in a global object, whose version is in its name.
 */

import type { Invoke } from './gen/motia/v1/invoke.js'
import type { Span } from './gen/motia/v1/telemetry.js'

const API = Symbol.for('opentelemetry.js.api.1')
/** In OpenTelemetry's context, which goes wherever the user's code goes. */
const ORIGIN = Symbol('motia.attempt')
const KINDS = ['internal', 'server', 'client', 'producer', 'consumer'] as const // by their numbers
const FAILED = 2 // the number of a status
const LONGEST_NAME = 200 // characters
const MAX_ATTRIBUTES_BYTES = 32 * 1024
const EMPTY = Buffer.alloc(0)

interface Context {
  getValue(key: symbol): unknown
  setValue(key: symbol, value: unknown): Context
}

interface ContextManager {
  active(): Context
  with<T>(context: Context, work: () => T): T
}

interface Propagator {
  extract(context: Context, carrier: Record<string, string>, getter: typeof fromRecord): Context
}

/** What is registered; a part is missing as long as nobody has registered it. */
interface Registered {
  context?: ContextManager
  propagation?: Propagator
  trace?: Provider & { getDelegate?(): Provider }
}

interface Provider {
  addSpanProcessor?(processor: Follower): void // until version 1 of the SDK
  _activeSpanProcessor?: { _spanProcessors?: Follower[] } // since version 2 they are given to its constructor only
}

type HrTime = [seconds: number, nanoseconds: number]

interface EndedSpan {
  name: string
  kind: number
  startTime: HrTime
  duration: HrTime
  status: { code: number; message?: string }
  attributes: Record<string, unknown>
  parentSpanId?: string // version 1
  parentSpanContext?: { spanId: string } // version 2
  spanContext(): { spanId: string }
}

/** In which attempt a span begins. */
interface Origin {
  invoke: Invoke
  beganUs: number // Unix time
}

type Sink = (span: Span) => void

const fromRecord = {
  get: (carrier: Record<string, string>, key: string): string | undefined => carrier[key],
  keys: (carrier: Record<string, string>): string[] => Object.keys(carrier),
}

export class Tracing {
  /** Which provider has our processor. */
  private provider: Provider | undefined

  constructor(private readonly sink: Sink) {}

  /** Runs a handler so that its spans continue the core's trace. */
  enter<T>(invoke: Invoke, work: () => T): T {
    const api = (globalThis as { [API]?: Registered })[API]
    if (api?.context === undefined || invoke.traceparent === '') return work()
    this.follow(api)
    const { traceparent, tracestate, baggage } = invoke
    const carrier: Record<string, string> = { traceparent }
    if (tracestate !== '') carrier.tracestate = tracestate
    if (baggage !== '') carrier.baggage = baggage
    const here = api.context.active()
    const there = api.propagation?.extract(here, carrier, fromRecord) ?? here
    const origin: Origin = { invoke, beganUs: (performance.timeOrigin + performance.now()) * 1000 }
    return api.context.with(there.setValue(ORIGIN, origin), work)
  }

  private follow(api: Registered): void {
    const provider = api.trace?.getDelegate?.() ?? api.trace
    if (provider === undefined || provider === this.provider) return
    this.provider = provider
    const processor = new Follower(this.sink)
    if (provider.addSpanProcessor !== undefined) provider.addSpanProcessor(processor)
    else provider._activeSpanProcessor?._spanProcessors?.push(processor)
  }
}

/** Sends the spans of attempts to the core. A span processor of OpenTelemetry's SDK. */
class Follower {
  private readonly origins = new WeakMap<EndedSpan, Origin>()

  constructor(private readonly sink: Sink) {}

  onStart(span: EndedSpan, parent: Context): void {
    const origin = parent.getValue(ORIGIN)
    if (origin !== undefined) this.origins.set(span, origin as Origin)
  }

  onEnd(span: EndedSpan): void {
    const origin = this.origins.get(span)
    if (origin !== undefined) this.sink(toMessage(span, origin))
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}

function toMessage(span: EndedSpan, { invoke, beganUs }: Origin): Span {
  return {
    invocationId: invoke.invocationId,
    traceId: invoke.traceId,
    spanId: span.spanContext().spanId,
    parentSpanId: span.parentSpanContext?.spanId ?? span.parentSpanId ?? '',
    name: String(span.name).slice(0, LONGEST_NAME),
    kind: KINDS[span.kind] ?? 'internal',
    offsetUs: Math.max(0, Math.round(toUs(span.startTime) - beganUs)),
    durationUs: Math.max(0, Math.round(toUs(span.duration))),
    error: span.status.code === FAILED ? (span.status.message || 'failed').slice(0, LONGEST_NAME) : '',
    attributes: toJson(span.attributes),
  }
}

function toUs([seconds, nanoseconds]: HrTime): number {
  return seconds * 1e6 + nanoseconds / 1e3
}

function toJson(attributes: Record<string, unknown>): Buffer {
  for (const _ in attributes) {
    const json = Buffer.from(JSON.stringify(attributes)) // they are texts, numbers, booleans and lists of them
    return json.length <= MAX_ATTRIBUTES_BYTES ? json : EMPTY
  }
  return EMPTY
}
