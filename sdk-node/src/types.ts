/** The types that projects write against; the names are those of 0.x. */

// biome-ignore lint/suspicious/noExplicitAny: what user code passes here has a type of its own
type Any = any

/** Anything that describes a JSON shape: a zod type (3 or 4) or a JSON Schema object. */
export type ZodInput = Any

export type Emit = string | { topic: string; label?: string; conditional?: boolean }
export type ApiRouteMethod = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH' | 'OPTIONS' | 'HEAD'

export interface QueryParam {
  name: string
  description?: string
}

export interface QueueConfig {
  type?: 'standard' | 'fifo'
  /** Retries after the first attempt; default 3. */
  maxRetries?: number
  /** Seconds; default 900. */
  visibilityTimeout?: number
  /** Seconds, 0 to 900. */
  delaySeconds?: number
  /** Deliveries of this step that run at once; default 10. */
  concurrency?: number
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

export interface ApiRouteConfig extends CommonConfig {
  type: 'api'
  path: string
  method: ApiRouteMethod
  emits: Emit[]
  bodySchema?: ZodInput
  responseSchema?: Record<number, ZodInput>
  queryParams?: readonly QueryParam[]
  middleware?: ApiMiddleware<Any, Any, Any>[]
}

export interface EventConfig extends CommonConfig {
  type: 'event'
  subscribes: string[]
  emits: Emit[]
  input?: ZodInput
  infrastructure?: Partial<InfrastructureConfig>
}

export interface CronConfig extends CommonConfig {
  type: 'cron'
  /** 5 or 6 fields, or @daily and the like. */
  cron?: string
  /** The same under another name. */
  schedule?: string
  emits: Emit[]
}

export interface NoopConfig extends CommonConfig {
  type: 'noop'
  virtualEmits: Emit[]
  virtualSubscribes: string[]
}

export type StepConfig = ApiRouteConfig | EventConfig | CronConfig | NoopConfig

export interface Logger {
  debug(message: string, args?: unknown): void
  info(message: string, args?: unknown): void
  warn(message: string, args?: unknown): void
  error(message: string, args?: unknown): void
}

export interface InternalStateManager {
  /** The value, or null. */
  get<T>(groupId: string, key: string): Promise<T | null>
  /** Stores the value and returns it. */
  set<T>(groupId: string, key: string, value: T): Promise<T>
  /** Removes the value and returns what it was, or null. */
  delete<T>(groupId: string, key: string): Promise<T | null>
  /** All values of a group. */
  getGroup<T>(groupId: string): Promise<T[]>
  clear(groupId: string): Promise<void>
}

export interface BaseStreamItem {
  id: string
}

export interface StateStreamEventChannel {
  groupId: string
  id?: string
}

export interface StateStreamEvent<T = unknown> {
  type: string
  data: T
}

export interface MotiaStream<T> {
  get(groupId: string, id: string): Promise<(T & BaseStreamItem) | null>
  set(groupId: string, id: string, data: T): Promise<T & BaseStreamItem>
  delete(groupId: string, id: string): Promise<(T & BaseStreamItem) | null>
  getGroup(groupId: string): Promise<(T & BaseStreamItem)[]>
  send<E>(channel: StateStreamEventChannel, event: StateStreamEvent<E>): Promise<void>
}

export interface StreamSubscription {
  groupId: string
  id?: string
}

/** Projects augment it (types.d.ts). */
export interface StreamAuthContext {}

export interface StreamAuthRequest {
  headers: Record<string, string | string[] | undefined>
  url?: string
}

export interface StreamConfig {
  name: string
  schema: ZodInput
  baseConfig: { storageType: 'default' } | { storageType: 'custom'; factory: () => unknown }
  canAccess?: (subscription: StreamSubscription, authContext: StreamAuthContext) => boolean | Promise<boolean>
}

/** Projects augment it (types.d.ts). */
export interface FlowContextStateStreams {}

/** Projects augment it (types.d.ts). */
export interface Handlers {}

export type Emitter<TData> = (event: TData) => Promise<void>

export interface FlowContext<TEmitData = never> {
  emit: Emitter<TEmitData>
  traceId: string
  flows: string[]
  state: InternalStateManager
  logger: Logger
  streams: FlowContextStateStreams
  /** Number of this attempt, from 1. */
  attempt: number
  /** Attempts that the step's retry policy allows in all. */
  maxAttempts: number
  /** Aborts when the attempt is cancelled. */
  signal: AbortSignal
}

export interface ApiRequest<TBody = unknown> {
  body: TBody
  headers: Record<string, string | string[]>
  pathParams: Record<string, string>
  queryParams: Record<string, string | string[]>
  rawBody: string | Buffer
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
> = (req: ApiRequest<TRequestBody>, ctx: FlowContext<TEmitData>) => Promise<TResponse>

export type EventHandler<TInput, TEmitData> = (input: TInput, ctx: FlowContext<TEmitData>) => Promise<void>

export type CronHandler<TEmitData = never> = (ctx: FlowContext<TEmitData>) => Promise<void>

/** Deprecated in 0.x, and still used: the handler that fits a config. */
export type StepHandler<TConfig> = TConfig extends { type: 'api' }
  ? (req: ApiRequest<Any>, ctx: FlowContext<Any>) => Promise<ApiResponse<number, Any>>
  : TConfig extends { type: 'cron' }
    ? (ctx: FlowContext<Any>) => Promise<void>
    : (input: Any, ctx: FlowContext<Any>) => Promise<void>
