/**
 * Steps in builder style, any number of them in a file:
 * `export const createOrder = api('POST', '/orders', { emits: ['order.created'] }).handle(async (req, ctx) => …)`.
 */

import type {
  BodyOf,
  CronStepConfig,
  EmitsOf,
  EventStepConfig,
  OutputOf,
  PathParamsOf,
  QueryOf,
  RequestStepConfig,
  ResponseOf,
  Watches,
} from './builder-types.js'
import { defineStrict, type StepDefinition } from './definition.js'
import type { CronTrigger, HttpTrigger, TriggerCondition } from './triggered-types.js'
import type { HttpOptions } from './triggers.js'
import type { ApiRequest, ApiRouteMethod, FlowContext } from './types.js'

type Handler = NonNullable<StepDefinition['handler']>

export interface ApiBuilder<TConfig extends RequestStepConfig, TPath extends string> extends HttpTrigger {
  /** Makes a step of it, to be exported. */
  handle<THandler extends ApiHandler<TConfig, TPath>>(
    handler: THandler,
  ): StepDefinition & { readonly handler: THandler }
}

export interface EventBuilder<TConfig extends EventStepConfig> {
  /** Makes a step of it, to be exported. */
  handle<THandler extends EventStepHandler<TConfig>>(handler: THandler): StepDefinition & { readonly handler: THandler }
}

export interface CronBuilder<TConfig extends CronStepConfig> extends CronTrigger {
  /** Makes a step of it, to be exported. */
  handle<THandler extends (ctx: FlowContext<EmitsOf<TConfig>>) => unknown>(
    handler: THandler,
  ): StepDefinition & { readonly handler: THandler }
}

export type ApiHandler<TConfig extends RequestStepConfig, TPath extends string> = (
  req: ApiRequest<BodyOf<TConfig>, PathParamsOf<TConfig, TPath>, QueryOf<TConfig>>,
  ctx: FlowContext<EmitsOf<TConfig>>,
) => ResponseOf<TConfig> | Promise<ResponseOf<TConfig>>

export type EventStepHandler<TConfig extends EventStepConfig> = (
  input: OutputOf<TConfig['input']>,
  ctx: FlowContext<EmitsOf<TConfig>>,
) => unknown

/** A request starts the step. In `triggers` of Motia 1.0: as `http`. */
export function api<const TPath extends string, const TConfig extends RequestStepConfig = Record<never, never>>(
  method: ApiRouteMethod,
  path: TPath,
  config?: TConfig,
): ApiBuilder<TConfig, TPath>
export function api(
  method: ApiRouteMethod,
  path: string,
  options: HttpOptions,
  condition: TriggerCondition,
): HttpTrigger
export function api(
  method: ApiRouteMethod,
  path: string,
  config: object = {},
  condition?: TriggerCondition,
): HttpTrigger {
  const trigger = { type: 'http' as const, method, path, ...config, ...(condition === undefined ? {} : { condition }) }
  return buildable(trigger, { type: 'api', method, path, ...config })
}

/** An event on one of the topics starts the step; without topics a change of what the config `watches`. */
export function event<const TConfig extends EventStepConfig = Record<never, never>>(
  topics: string | readonly string[],
  config?: TConfig,
): EventBuilder<TConfig>
export function event<const TConfig extends EventStepConfig & { watches: Watches }>(
  config: TConfig,
): EventBuilder<TConfig>
export function event(first: string | readonly string[] | object, more: object = {}): EventBuilder<EventStepConfig> {
  const topics = typeof first === 'string' ? [first] : Array.isArray(first) ? (first as readonly string[]) : undefined
  const config = topics === undefined ? (first as object) : { subscribes: topics, ...more }
  return buildable({}, { type: 'event', ...config }) as EventBuilder<EventStepConfig>
}

/** Time starts the step: `cron('0 9 * * *', { timezone: 'Europe/Berlin' })`. In `triggers` of Motia 1.0: UTC. */
export function cron<const TConfig extends CronStepConfig = Record<never, never>>(
  expression: string,
  config?: TConfig,
): CronBuilder<TConfig>
export function cron(expression: string, condition: TriggerCondition): CronTrigger
export function cron(expression: string, more: object | TriggerCondition = {}): CronTrigger {
  const config = typeof more === 'function' ? { condition: more } : more
  return buildable({ type: 'cron' as const, expression, ...config }, { type: 'cron', cron: expression, ...config })
}

/** A trigger that becomes a step with this config. */
function buildable<TTrigger extends object>(trigger: TTrigger, config: object): TTrigger {
  const handle = (handler: Handler) => defineStrict({ emits: [], ...config }, handler)
  return Object.defineProperty(trigger, 'handle', { value: handle })
}
