/** What follows for a handler from the config of a builder: from zod and other schemas, from `emits`, from the path. */

import type { ApiResponse, ApiRouteConfig, CronConfig, EmitOptions, EventConfig, ZodInput } from './types.js'

// biome-ignore lint/suspicious/noExplicitAny: a schema that says nothing to TypeScript
type Any = any

type Builder<TConfig, TOwn extends string> = Partial<Omit<TConfig, 'type' | 'emits' | 'responseSchema' | TOwn>> & {
  emits?: readonly (string | { readonly topic: string; label?: string; conditional?: boolean; schema?: ZodInput })[]
}

export type RequestStepConfig = Builder<ApiRouteConfig, 'method' | 'path'> & {
  responseSchema?: { readonly [status: number]: ZodInput }
}
export type EventStepConfig = Builder<EventConfig, 'subscribes'> & { watches?: Watches }

/** Changes that an event step runs for, instead of events. */
export type Watches =
  | { readonly state: true }
  | { readonly stream: string; readonly group?: string; readonly item?: string }

export type CronStepConfig = Builder<CronConfig, 'cron' | 'schedule'>

/** What a schema makes of its input: of zod 3 and 4 and of standard schemas; of JSON Schema nothing is known. */
export type OutputOf<TSchema> = TSchema extends { readonly _zod: { readonly output: infer O } }
  ? O
  : TSchema extends { readonly _output: infer O }
    ? O
    : TSchema extends { readonly '~standard': { readonly types?: infer T } }
      ? NonNullable<T> extends { readonly output: infer O }
        ? O
        : Any
      : Any

type Of<TConfig, TKey extends string, TDefault> = TConfig extends { readonly [key in TKey]: infer TSchema }
  ? OutputOf<TSchema>
  : TDefault

export type BodyOf<TConfig> = Of<TConfig, 'bodySchema', Any>
export type QueryOf<TConfig> = Of<TConfig, 'querySchema', Record<string, string | string[]>>

/** `/orders/:id` has `{ id: string }`. */
export type PathParamsOf<TConfig, TPath extends string> = Of<TConfig, 'pathSchema', Params<TPath>>

type Params<TPath extends string> = string extends TPath
  ? Record<string, string>
  : TPath extends `${string}[${string}` | `${string}(${string}` | `${string}?${string}`
    ? Record<string, string>
    : { [name in Names<TPath>]: string }

type Names<TPath extends string> = TPath extends `${string}:${infer TRest}`
  ? TRest extends `${infer TName}/${infer TMore}`
    ? TName | Names<`/${TMore}`>
    : TRest
  : never

/** What `ctx.emit` takes: the topics of `emits`, with data of their schemas; without `emits` every topic. */
export type EmitsOf<TConfig> = TConfig extends { readonly emits: infer TEmits extends readonly unknown[] }
  ? TEmits extends readonly []
    ? AnyEvent
    : EventFor<TEmits[number]>
  : AnyEvent

interface AnyEvent extends EmitOptions {
  topic: string
  data?: unknown
}

type EventFor<TEmit> = TEmit extends string
  ? { topic: TEmit; data?: unknown }
  : TEmit extends { readonly topic: infer TTopic; readonly schema: infer TSchema }
    ? { topic: TTopic; data: OutputOf<TSchema> }
    : TEmit extends { readonly topic: infer TTopic }
      ? { topic: TTopic; data?: unknown }
      : never

/** What the handler returns: one of `responseSchema`, any response without it. */
export type ResponseOf<TConfig> = TConfig extends { readonly responseSchema: infer TResponses }
  ? { [TStatus in keyof TResponses & number]: ApiResponse<TStatus, OutputOf<TResponses[TStatus]>> }[keyof TResponses &
      number]
  : ApiResponse<number, Any>
