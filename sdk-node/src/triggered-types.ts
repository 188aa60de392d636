/** Types of steps of Motia 1.0, whose configs have a list of triggers; the names are those of 1.0. */

import type { Readable, Writable } from 'node:stream'
import type { ApiResponse, ApiRouteMethod, Emit, FlowContext, QueryParam, ZodInput } from './types.js'

// biome-ignore lint/suspicious/noExplicitAny: what user code passes here has a type of its own
type Any = any

/** Asked before the handler; only `false` skips it. Of requests it gets `MotiaHttpRequest`. */
export type TriggerCondition = (input: Any, ctx: TriggerContext) => unknown

/** Around the handler, within the trigger. */
export type HttpMiddleware = (args: MotiaHttpArgs<Any>, ctx: TriggerContext, next: () => Promise<Any>) => unknown

export interface TriggerQueueConfig {
  type?: 'standard' | 'fifo'
  /** Default 3. */
  maxRetries?: number
  /** Seconds. */
  visibilityTimeout?: number
  delaySeconds?: number
  concurrency?: number | null
  backoffType?: 'fixed' | 'exponential' | null
  backoffDelayMs?: number | null
}

export interface HttpTrigger {
  type: 'http'
  method: ApiRouteMethod
  path: string
  bodySchema?: ZodInput
  responseSchema?: Record<number, ZodInput>
  queryParams?: readonly QueryParam[]
  middleware?: readonly HttpMiddleware[]
  condition?: TriggerCondition
}

export interface QueueTrigger {
  type: 'queue'
  topic: string
  input?: ZodInput
  config?: TriggerQueueConfig
  condition?: TriggerCondition
}

export interface CronTrigger {
  type: 'cron'
  /** 5 fields, 6 (seconds first) or 7 (year last); UTC. */
  expression: string
  condition?: TriggerCondition
}

export interface StateTrigger {
  type: 'state'
  condition?: TriggerCondition
}

export interface StreamTrigger {
  type: 'stream'
  streamName: string
  groupId?: string
  itemId?: string
  condition?: TriggerCondition
}

export type ApiTrigger = HttpTrigger
export type TriggerConfig = HttpTrigger | QueueTrigger | CronTrigger | StateTrigger | StreamTrigger

/** The config of a step of 1.0. */
export interface TriggeredConfig {
  type?: undefined
  name: string
  description?: string
  triggers: readonly TriggerConfig[]
  enqueues?: readonly Emit[]
  virtualEnqueues?: readonly Emit[]
  virtualSubscribes?: readonly string[]
  flows?: readonly string[]
  includeFiles?: readonly string[]
}

export interface MotiaHttpRequest<TBody = Any> {
  pathParams: Record<string, string>
  queryParams: Record<string, string | string[]>
  body: TBody
  headers: Record<string, string | string[]>
  method: string
  /** The body as it arrived. */
  requestBody: { stream: Readable; readAll(): Promise<Buffer> }
}

/** A response that is written piece by piece, instead of returning one. */
export interface MotiaHttpResponse {
  status(code: number): Promise<void>
  headers(headers: Record<string, string | string[]>): Promise<void>
  readonly stream: Writable
  close(): Promise<void>
}

export interface MotiaHttpArgs<TBody = Any> {
  request: MotiaHttpRequest<TBody>
  response: MotiaHttpResponse
}

export interface StateTriggerInput<T = Any> {
  type: 'state'
  event_type: 'state:created' | 'state:updated' | 'state:deleted'
  scope: string
  /** The scope again. */
  group_id: string
  key: string
  /** The key again. */
  item_id: string
  old_value: T | null
  new_value: T | null
}

export interface StreamTriggerInput<T = Any> {
  type: 'stream'
  timestamp: number
  streamName: string
  groupId: string
  id?: string
  event: { type: 'create' | 'update' | 'delete'; data: T } | { type: 'event'; data: { type: string; data: Any } }
}

/** What started the step. */
export interface TriggerInfo {
  type: TriggerConfig['type']
  /** In config.triggers, from 0. */
  index: number
  method?: string
  path?: string
  topic?: string
  expression?: string
  streamName?: string
}

export interface TriggerHandlers<TResult = Any> {
  http?: (args: MotiaHttpArgs) => TResult
  queue?: (data: Any) => TResult
  cron?: () => TResult
  state?: (change: StateTriggerInput) => TResult
  stream?: (change: StreamTriggerInput) => TResult
  default?: (input: Any) => TResult
}

/** The context of a step of 1.0: which trigger started it, beside everything that ours has. */
export interface TriggerContext extends FlowContext<Any> {
  trigger: TriggerInfo
  is: {
    http(input?: unknown): input is MotiaHttpArgs
    queue(input?: unknown): boolean
    cron(input?: unknown): boolean
    state(input?: unknown): input is StateTriggerInput
    stream(input?: unknown): input is StreamTriggerInput
  }
  /** The body of a request, the data of an event, the change; undefined for cron. */
  getData(): Any
  /** Calls the handler for what started the step. */
  match<TResult>(handlers: TriggerHandlers<TResult>): Promise<Awaited<TResult>>
}

export type TriggeredHandler = (input: Any, ctx: TriggerContext) => Promise<ApiResponse<number, Any> | void> | void

/** `authenticateStream` of motia.config. */
export type AuthenticateStream<TContext = Any> = (
  input: { headers: Record<string, string>; path: string; queryParams: Record<string, string[]>; addr: string },
  ctx: FlowContext<Any>,
) => { context?: TContext } | Promise<{ context?: TContext }>
