/** Steps of Motia 1.0: one definition for each of their triggers, with a handler that is called as ours are. */

import type { Context } from './context.js'
import { type Exports, type FoundDefinition, isForKind } from './definition.js'
import { MotiaError } from './errors.js'
import { toMotiaRequest, WrittenResponse } from './http-args.js'
import type { ApiInput } from './payload.js'
import type { MotiaHttpArgs, TriggerContext, TriggerHandlers, TriggerInfo } from './triggered-types.js'

type Callable = (...args: unknown[]) => unknown

const NOT_MET = { status: 422, body: { error: 'Request condition not met', skipped: true } }
const NAMING = ['type', 'method', 'path', 'topic', 'expression', 'streamName'] // what other triggers are called by

/** A definition of one trigger of a step. */
export interface TriggerDefinition extends FoundDefinition {
  /** Which of config.triggers, from 1; 0: the config has none. */
  trigger: number
}

/** A definition for each trigger of a config that lists them; otherwise the one that there is. */
export function perTrigger(definition: FoundDefinition): TriggerDefinition[] {
  const config = definition.config as Exports | null | undefined
  const triggers = config?.type === undefined ? config?.triggers : undefined
  if (!Array.isArray(triggers) || triggers.length === 0) return [{ ...definition, trigger: 0 }]
  return triggers.map((trigger: unknown, at) => {
    const others = triggers.map((one: unknown) => (one === trigger ? one : named(one)))
    const parts = [definition.key, triggers.length > 1 ? String(at) : ''].filter((part) => part !== '')
    const handler = isForKind(definition.handler, (trigger as Exports | null)?.type) ? definition.handler : undefined
    return { ...definition, handler, config: { ...config, triggers: others }, key: parts.join('.'), trigger: at + 1 }
  })
}

/** The trigger that a definition is for. */
export function triggerOf({ config, trigger }: TriggerDefinition): Exports | undefined {
  const found = trigger === 0 ? undefined : ((config as Exports).triggers as unknown[])[trigger - 1]
  return typeof found === 'object' && found !== null ? (found as Exports) : undefined
}

/** The handler of a trigger, with its middleware and its condition, as (input, context) → result. */
export function asPlain(trigger: Exports, index: number, handler: Callable, middleware: Function[]): Callable {
  const info = { ...named(trigger), index } as TriggerInfo
  const condition = trigger.condition as Callable | undefined
  if (trigger.type === 'http') return ofRequests(info, condition, handler, middleware)
  return async (...args) => {
    const [given, context] = trigger.type === 'cron' ? [undefined, args[0]] : args
    const own = withTrigger(context as Context, info, given, given)
    if (condition !== undefined && (await condition(given, own)) === false) return undefined
    return handler(given, own)
  }
}

function ofRequests(info: TriggerInfo, condition: Callable | undefined, handler: Callable, middleware: Function[]) {
  return async (input: unknown, context: unknown): Promise<unknown> => {
    const request = toMotiaRequest(input as ApiInput, info.method ?? '')
    const response = new WrittenResponse()
    const args: MotiaHttpArgs = { request, response }
    const own = withTrigger(context as Context, info, args, request.body)
    if (condition !== undefined && (await condition(request, own)) === false) return NOT_MET
    const result = (async () => chain(middleware, handler, args, own))()
    const isWritten = await Promise.race([result.then(() => false), response.begun])
    if (!isWritten) {
      const returned = await result
      return returned === undefined && response.isUsed ? response.head() : returned
    }
    const { pieces } = response
    result.then(
      () => pieces.end(),
      (error: Error) => pieces.destroy(error),
    )
    return { ...response.head(), body: pieces }
  }
}

function chain(middleware: Function[], handler: Callable, args: MotiaHttpArgs, context: TriggerContext): unknown {
  const run = (index: number): unknown => {
    const next = middleware[index] as Callable | undefined
    return next === undefined ? handler(args, context) : next(args, context, async () => run(index + 1))
  }
  return run(0)
}

/** The context, with which trigger started the step. */
function withTrigger(context: Context, trigger: TriggerInfo, given: unknown, data: unknown): TriggerContext {
  const is = (kind: TriggerInfo['type']) => () => trigger.type === kind
  return Object.assign(context as unknown as TriggerContext, {
    trigger,
    is: { http: is('http'), queue: is('queue'), cron: is('cron'), state: is('state'), stream: is('stream') },
    getData: () => data,
    match: async (handlers: TriggerHandlers) => {
      const { [trigger.type]: own, default: other } = handlers
      const handler = (own ?? other) as Callable | undefined
      if (handler === undefined) {
        const there = Object.keys(handlers).join(', ') || 'none'
        throw new MotiaError(
          `match has no handler for '${trigger.type}' and no default; there are: ${there}`,
          'no_match',
        )
      }
      return trigger.type === 'cron' ? handler() : handler(given)
    },
  })
}

function named(trigger: unknown): Exports {
  if (typeof trigger !== 'object' || trigger === null) return {}
  return Object.fromEntries(Object.entries(trigger).filter(([key]) => NAMING.includes(key)))
}
