/** The types that projects write against; the names are those of 0.x. */

import type { TriggeredConfig } from './triggered-types.js'
import type { UploadedFile } from './upload.js'

// biome-ignore lint/suspicious/noExplicitAny: what user code passes here has a type of its own
type Any = any

/** Anything that describes a JSON shape: a zod type (3 or 4) or a JSON Schema object. */
export type ZodInput = Any

export type Emit =
  | string
  | {
      topic: string
      label?: string
      conditional?: boolean
      /** What the data is: compared with the input of every subscriber when the project is loaded. */
      schema?: ZodInput
    }
export type ApiRouteMethod = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH' | 'OPTIONS' | 'HEAD' | 'WEBSOCKET'

export interface QueryParam {
  name: string
  description?: string
}

/** In a config: seconds, or a text such as "500ms", "30s", "5m", "2h", "7d". */
export type ConfigDuration = number | string

/** What a handler gives to its context: milliseconds, or a text such as "500ms", "30s", "5m", "2h", "7d". */
export type Duration = number | string

export interface QueueConfig {
  /** fifo: events of one messageGroupId run one after the other, in order. */
  type?: 'standard' | 'fifo'
  /** Retries after the first attempt; default 3. */
  maxRetries?: number
  /** How the delay before a retry grows. */
  backoff?:
    | 'fixed'
    | 'exponential'
    | { type: 'fixed' | 'exponential'; delay?: ConfigDuration; max?: ConfigDuration /** 0 to 1. */; jitter?: number }
  /** Before the first retry. */
  retryDelay?: ConfigDuration
  /** Seconds; default 900. */
  visibilityTimeout?: number
  /** Seconds, 0 to 900. */
  delaySeconds?: number
  /** Deliveries of this step that run at once, on all cores together; default 10 on each. */
  concurrency?: number
  /** Path into the data, such as "customer.id": events with an equal value share `keyConcurrency`. */
  concurrencyKey?: string
  /** Default 1. */
  keyConcurrency?: number
  /** "100/m", or so many in so long. */
  rateLimit?: string | { limit: number; per: ConfigDuration }
  /** -100 to 100; higher ones are started first. Of events whose emit says nothing else; default 0. */
  priority?: number
}

export interface InfrastructureConfig {
  handler?: { ram?: number; cpu?: number /** Seconds, 1 to 900. */; timeout?: number }
  queue?: QueueConfig
}

interface CommonConfig {
  name: string
  description?: string
  flows?: string[]
  virtualEmits?: Emit[]
  virtualSubscribes?: string[]
  includeFiles?: string[]
}

interface DurableConfig {
  infrastructure?: Partial<InfrastructureConfig>
  queue?: QueueConfig
  /** What the handler emits and writes takes effect all at once with its completion, exactly once, or not at all. */
  atomic?: boolean
  /** Topics that the handler waits for (`ctx.waitFor`), so that no event on them comes too early. */
  waitsFor?: string[]
}

export interface ApiRouteConfig extends CommonConfig {
  type: 'api'
  path: string
  method: ApiRouteMethod
  emits: Emit[]
  bodySchema?: ZodInput
  responseSchema?: Record<number, ZodInput>
  queryParams?: readonly QueryParam[]
  /** Of the query parameters; numbers and truth values arrive as such. */
  querySchema?: ZodInput
  /** The same of the path parameters. */
  pathSchema?: ZodInput
  /** Of the headers, with names in lower case. */
  headersSchema?: ZodInput
  /** Of the messages of a WEBSOCKET step, which arrive as JSON then. */
  messageSchema?: ZodInput
  middleware?: ApiMiddleware<Any, Any, Any>[]
  infrastructure?: Pick<InfrastructureConfig, 'handler'>
  /** What the handler emits and writes takes effect all at once when it has succeeded, or not at all. */
  atomic?: boolean
  /** Whether the handler is cancelled when its client leaves; default true. */
  cancelOnDisconnect?: boolean
}

export interface EventConfig extends CommonConfig, DurableConfig {
  type: 'event'
  subscribes: string[]
  emits: Emit[]
  input?: ZodInput
}

export interface CronConfig extends CommonConfig, DurableConfig {
  type: 'cron'
  /** 5 or 6 fields, or @daily and the like. */
  cron?: string
  /** The same under another name. */
  schedule?: string
  /** Of the IANA database, such as "Europe/Berlin"; default: the zone of the machine. */
  timezone?: string
  /** What happens to a due time while the run before goes on; default skip. */
  overlap?: 'skip' | 'queue' | 'allow'
  /** What happens to due times that nobody was there for; default none. */
  catchUp?: 'none' | 'once' | 'all'
  catchUpWindow?: ConfigDuration
  /** Each run comes later by a random part of this. */
  jitter?: ConfigDuration
  emits: Emit[]
}

export interface NoopConfig extends CommonConfig {
  type: 'noop'
  virtualEmits: Emit[]
  virtualSubscribes: string[]
}

export type StepConfig = ApiRouteConfig | EventConfig | CronConfig | NoopConfig | TriggeredConfig

export interface Logger {
  debug(message: string, args?: unknown): void
  info(message: string, args?: unknown): void
  warn(message: string, args?: unknown): void
  error(message: string, args?: unknown): void
}

export interface InternalStateManager {
  /** The value, or null. */
  get<T>(groupId: string, key: string): Promise<T | null>
  /** Stores the value and returns it; it is gone after `ttl`. */
  set<T>(groupId: string, key: string, value: T, options?: { ttl?: Duration }): Promise<T>
  /** Removes the value and returns what it was, or null. */
  delete<T>(groupId: string, key: string): Promise<T | null>
  /** All values of a group. */
  getGroup<T>(groupId: string): Promise<T[]>
  clear(groupId: string): Promise<void>
  /** The names of the groups that have values, in order. */
  groups(): Promise<string[]>
  /** Changes a value in one go, all operations or none, and returns the new one. No other update is lost. */
  update<T>(groupId: string, key: string, operations: StateOperation[]): Promise<T | null>
  /** The value and its version; null and 0 when there is none. */
  getVersioned<T>(groupId: string, key: string): Promise<{ value: T | null; version: number }>
  /** Stores the value if its version is still the expected one; 0: there must be none. */
  compareAndSet<T>(
    groupId: string,
    key: string,
    expectedVersion: number,
    value: T,
    options?: { ttl?: Duration },
  ): Promise<{ ok: boolean; version: number }>
  /** A page of the keys that start with a prefix, in order; the cursor of the last page is empty. */
  list<T>(
    groupId: string,
    options?: { prefix?: string; cursor?: string /** 1 to 1000, default 100. */; limit?: number },
  ): Promise<{ items: { key: string; value: T }[]; cursor: string }>
  /** All of `list`. */
  listAll<T>(groupId: string, options?: { prefix?: string }): AsyncIterable<{ key: string; value: T }>
}

/** Paths are JSON pointers; '' is the whole value. */
export type StateOperation =
  | { type: 'set'; path: string; value: unknown }
  | { type: 'merge'; path: string; value: Record<string, unknown> }
  /** What is missing counts as 0; by 1 unless it says otherwise. */
  | { type: 'increment'; path: string; by?: number }
  | { type: 'append'; path: string; value: unknown }
  | { type: 'remove'; path: string }

// `Handlers` is declared by a project's types.d.ts alone: it is an interface for 0.x, and generic for 1.0.
/** Projects augment it (types.d.ts). */
export interface FlowContextStateStreams {}

/** What an event may have beside topic and data. */
export interface EmitOptions {
  /** Events of a group run in order, where the subscriber's queue is fifo. */
  messageGroupId?: string
  /** Holds the event back, instead of the subscriber's delaySeconds. */
  delay?: Duration
  /** When to deliver it: a Date, ISO 8601, or milliseconds since the epoch. */
  at?: Date | string | number
  /** An event whose topic and key were seen within the window is dropped. */
  idempotencyKey?: string
  idempotencyWindow?: Duration
  /** -100 to 100; higher ones are started first. */
  priority?: number
}

export type Emitter<TData> = (event: TData & EmitOptions) => Promise<void>

export interface FlowContext<TEmitData = never> {
  emit: Emitter<TEmitData>
  traceId: string
  /** W3C: the trace and the span of this attempt, for requests that the handler sends elsewhere. */
  traceparent: string
  flows: string[]
  state: InternalStateManager
  logger: Logger
  streams: FlowContextStateStreams
  sockets: SocketConnections
  /** Does something once, however often the handler is started: later attempts get the result, which is JSON. */
  run<T>(key: string, fn: () => T | Promise<T>): Promise<T>
  /** Ends the attempt; the handler is started again after the duration, and this resolves at once then. */
  sleep(duration: Duration, options?: { key?: string }): Promise<void>
  /** Ends the attempt until an event with these members comes; its data, or null when none came in time. */
  waitFor<T>(
    topic: string,
    match?: Record<string, unknown> | null,
    timeout?: Duration,
    options?: { key?: string },
  ): Promise<T | null>
  waitFor<T>(
    topic: string,
    options: { match?: Record<string, unknown>; timeout?: Duration; key?: string },
  ): Promise<T | null>
  /** Number of this attempt, from 1. */
  attempt: number
  /** Attempts that the step's retry policy allows in all. */
  maxAttempts: number
  /** Aborts when the attempt is cancelled. */
  signal: AbortSignal
}

export interface ApiRequest<
  TBody = unknown,
  TPathParams = Record<string, string>,
  TQueryParams = Record<string, string | string[]>,
  THeaders = Record<string, string | string[]>,
> {
  body: TBody
  headers: THeaders
  pathParams: TPathParams
  queryParams: TQueryParams
  rawBody: string | Buffer
  /** Of a multipart form that has any; its fields are in `body`. */
  files?: UploadedFile[]
}

export type ApiResponse<TStatus extends number = number, TBody = string | Buffer | Record<string, unknown>> = {
  status: TStatus
  headers?: Record<string, string | string[]>
  body: TBody
}

export type ApiMiddleware<TBody = unknown, TEmitData = never, TResult = unknown> = (
  req: ApiRequest<TBody>,
  ctx: FlowContext<TEmitData>,
  next: () => Promise<ApiResponse<number, TResult>>,
) => Promise<ApiResponse<number, TResult>>

export type ApiRouteHandler<
  TRequestBody = unknown,
  TResponse extends ApiResponse<number, unknown> = ApiResponse<number, unknown>,
  TEmitData = never,
  TPathParams = Record<string, string>,
  TQueryParams = Record<string, string | string[]>,
  THeaders = Record<string, string | string[]>,
> = (
  req: ApiRequest<TRequestBody, TPathParams, TQueryParams, THeaders>,
  ctx: FlowContext<TEmitData>,
) => Promise<TResponse>

/** What happens on a WebSocket connection. */
export type SocketEvent<
  TMessage = string | Buffer,
  TPathParams = Record<string, string>,
  TQueryParams = Record<string, string | string[]>,
> = {
  connectionId: string
  pathParams: TPathParams
  queryParams: TQueryParams
  headers: Record<string, string | string[]>
} & ({ type: 'connect' } | { type: 'message'; data: TMessage } | { type: 'close'; code: number; reason: string })

/** Of a WEBSOCKET step. What it returns for a message is sent back; for a connect a response, or nothing. */
export type SocketHandler<
  TMessage = string | Buffer,
  TEmitData = never,
  TPathParams = Record<string, string>,
  TQueryParams = Record<string, string | string[]>,
> = (event: SocketEvent<TMessage, TPathParams, TQueryParams>, ctx: FlowContext<TEmitData>) => Promise<unknown>

/** The WebSocket connections of this core. */
export interface SocketConnections {
  /** Sends text, bytes or JSON; false: the connection has ended, or is another core's. */
  send(connectionId: string, data: unknown): Promise<boolean>
  /** Sends to all connections that were opened on a path, such as "/chat/7"; how many. */
  broadcast(path: string, data: unknown, options?: { except?: string[] }): Promise<number>
  /** Ends a connection; false: there is none. */
  close(connectionId: string, code?: number, reason?: string): Promise<boolean>
}

export type EventHandler<TInput, TEmitData> = (input: TInput, ctx: FlowContext<TEmitData>) => Promise<void>

export type CronHandler<TEmitData = never> = (ctx: FlowContext<TEmitData>) => Promise<void>

/** Deprecated in 0.x, and still used: the handler that fits a config. */
export type StepHandler<TConfig> = TConfig extends { type: 'api' }
  ? (req: ApiRequest<Any>, ctx: FlowContext<Any>) => Promise<ApiResponse<number, Any>>
  : TConfig extends { type: 'cron' }
    ? (ctx: FlowContext<Any>) => Promise<void>
    : (input: Any, ctx: FlowContext<Any>) => Promise<void>
