/** Triggers as the configs of Motia 1.0 list them, made by functions. */

import { define, type StepDefinition, withKinds } from './definition.js'
import type {
  HttpMiddleware,
  HttpTrigger,
  QueueTrigger,
  StateTrigger,
  StreamTrigger,
  TriggerCondition,
  TriggerConfig,
  TriggeredConfig,
  TriggeredHandler,
  TriggerQueueConfig,
} from './triggered-types.js'
import type { ApiRouteMethod, QueryParam, ZodInput } from './types.js'

type Kind = TriggerConfig['type']

export interface HttpOptions {
  bodySchema?: ZodInput
  responseSchema?: Record<number, ZodInput>
  queryParams?: readonly QueryParam[]
  middleware?: readonly HttpMiddleware[]
}

export interface QueueOptions {
  input?: ZodInput
  config?: TriggerQueueConfig
}

/** A trigger that keeps the types of the schemas it was given: those of its handler are made of them. */
type With<TTrigger, TOptions> = Omit<TTrigger, keyof TOptions> & TOptions

const given = (condition: TriggerCondition | undefined) => (condition === undefined ? {} : { condition })

/** A request starts the step. */
export function http<const TOptions extends HttpOptions = object>(
  method: ApiRouteMethod,
  path: string,
  options?: TOptions,
  condition?: TriggerCondition,
): With<HttpTrigger, TOptions>
export function http(
  method: ApiRouteMethod,
  path: string,
  options: HttpOptions = {},
  condition?: TriggerCondition,
): HttpTrigger {
  return { type: 'http', method, path, ...options, ...given(condition) }
}

/** An event starts the step. */
export function queue<const TOptions extends QueueOptions = object>(
  topic: string,
  options?: TOptions,
  condition?: TriggerCondition,
): With<QueueTrigger, TOptions>
export function queue(topic: string, options: QueueOptions = {}, condition?: TriggerCondition): QueueTrigger {
  return { type: 'queue', topic, ...options, ...given(condition) }
}

/** A change of state starts the step. */
export function state(condition?: TriggerCondition): StateTrigger {
  return { type: 'state', ...given(condition) }
}

/** A change in a stream starts the step. */
export function stream(
  streamName: string,
  options: { groupId?: string; itemId?: string; condition?: TriggerCondition } | TriggerCondition = {},
): StreamTrigger {
  return { type: 'stream', streamName, ...(typeof options === 'function' ? { condition: options } : options) }
}

/** A schema for a config; returned as it is, since the SDK reads schemas of every kind. */
export function jsonSchema<T>(schema: T): T {
  return schema
}

/** A step with a handler for each kind of trigger. */
export class MultiTriggerStepBuilder<TConfig extends TriggeredConfig> {
  #handlers: Partial<Record<Kind, TriggeredHandler>> = {}

  constructor(readonly config: TConfig) {}

  onHttp = (handler: TriggeredHandler) => this.#on('http', handler)
  onQueue = (handler: TriggeredHandler) => this.#on('queue', handler)
  onCron = (handler: TriggeredHandler) => this.#on('cron', handler)
  onState = (handler: TriggeredHandler) => this.#on('state', handler)
  onStream = (handler: TriggeredHandler) => this.#on('stream', handler)

  /** The step, with further handlers by kind. */
  handlers(
    more: Partial<Record<Kind, TriggeredHandler>> = {},
  ): StepDefinition<TConfig> & { handler: TriggeredHandler } {
    const byKind = { ...this.#handlers, ...more }
    const handler: TriggeredHandler = (input, ctx) => {
      const own = byKind[ctx.trigger.type]
      const there = Object.keys(byKind).join(', ') || 'none'
      if (own === undefined) throw new Error(`there is no handler for ${ctx.trigger.type}; there are: ${there}`)
      return own(input, ctx)
    }
    return define(this.config, withKinds(handler, byKind)) as StepDefinition<TConfig> & { handler: TriggeredHandler }
  }

  #on(kind: Kind, handler: TriggeredHandler): this {
    this.#handlers[kind] = handler
    return this
  }
}

/** A step with a handler for each kind of trigger: `multiTriggerStep({ … }).onQueue(f).onHttp(g).handlers()`. */
export function multiTriggerStep<const TConfig extends TriggeredConfig>(
  config: TConfig,
): MultiTriggerStepBuilder<TConfig> {
  return new MultiTriggerStepBuilder(config)
}
