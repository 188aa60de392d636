/** The types of a handler of Motia 1.0, from its config: what `Handlers<typeof config>` of a project's types.d.ts means. */

import type {
  MotiaHttpArgs,
  StateTriggerInput,
  StreamTriggerInput,
  TriggerConfig,
  TriggerContext,
  TriggeredConfig,
} from './triggered-types.js'
import type { ApiResponse } from './types.js'

// biome-ignore lint/suspicious/noExplicitAny: what no schema describes is anything
type Any = any

/** What a zod type of either version gives; of a JSON Schema the compiler knows nothing. */
type Parsed<TSchema> = TSchema extends { readonly _output: infer T } ? T : Any

type TriggersOf<TConfig extends TriggeredConfig> = TConfig['triggers'][number]
type OfKind<TTrigger, TKind extends TriggerConfig['type']> = Extract<TTrigger, { type: TKind }>

// Each of them distributes over the triggers of its kind; without one it is never.
type HttpInput<T> = T extends { bodySchema: infer S } ? MotiaHttpArgs<Parsed<S>> : MotiaHttpArgs
type Body<T> = T extends { bodySchema: infer S } ? Parsed<S> : Any
type QueueInput<T> = T extends { input: infer S } ? Parsed<S> : Any
type CronInput<T> = T extends unknown ? undefined : never
type StateInput<T> = T extends unknown ? StateTriggerInput : never
type StreamInput<T> = T extends unknown ? StreamTriggerInput : never

type Http<TConfig extends TriggeredConfig> = HttpInput<OfKind<TriggersOf<TConfig>, 'http'>>
type Queue<TConfig extends TriggeredConfig> = QueueInput<OfKind<TriggersOf<TConfig>, 'queue'>>
type Cron<TConfig extends TriggeredConfig> = CronInput<OfKind<TriggersOf<TConfig>, 'cron'>>
type State<TConfig extends TriggeredConfig> = StateInput<OfKind<TriggersOf<TConfig>, 'state'>>
type Stream<TConfig extends TriggeredConfig> = StreamInput<OfKind<TriggersOf<TConfig>, 'stream'>>

/** The first argument of the handler: a union over the triggers. */
export type TriggeredInput<TConfig extends TriggeredConfig> =
  | Http<TConfig>
  | Queue<TConfig>
  | Cron<TConfig>
  | State<TConfig>
  | Stream<TConfig>

type Response<T> = T extends { responseSchema: infer R }
  ? { [S in keyof R & number]: ApiResponse<S, Parsed<R[S]>> }[keyof R & number]
  : ApiResponse<number, Any>

/** What the handler may return: of requests a response, or nothing when it has written one. */
export type TriggeredResult<TConfig extends TriggeredConfig> =
  | (TriggersOf<TConfig> extends infer T ? (T extends { type: 'http' } ? Response<T> : never) : never)
  | void

/** Handlers by kind; what those return that nobody waits for is dropped. */
interface Matching<TConfig extends TriggeredConfig, TResponse> {
  http?: (args: Http<TConfig>) => TResponse
  queue?: (data: Queue<TConfig>) => unknown
  cron?: () => unknown
  state?: (change: State<TConfig>) => unknown
  stream?: (change: Stream<TConfig>) => unknown
  default?: (input: TriggeredInput<TConfig>) => TResponse
}

/** The second argument of the handler. */
export interface TriggeredContext<TConfig extends TriggeredConfig>
  extends Omit<TriggerContext, 'is' | 'getData' | 'match'> {
  is: {
    http(input?: unknown): input is Http<TConfig>
    queue(input?: unknown): input is Queue<TConfig>
    cron(input?: unknown): input is Cron<TConfig>
    state(input?: unknown): input is State<TConfig>
    stream(input?: unknown): input is Stream<TConfig>
  }
  getData(): Body<OfKind<TriggersOf<TConfig>, 'http'>> | Exclude<TriggeredInput<TConfig>, Http<TConfig>>
  match<TResponse = void>(handlers: Matching<TConfig, TResponse>): Promise<Awaited<TResponse> | void>
}

/** The handler that fits a config of Motia 1.0, which is written `as const satisfies StepConfig`. */
export type HandlerOf<TConfig extends TriggeredConfig> = (
  input: TriggeredInput<TConfig>,
  ctx: TriggeredContext<TConfig>,
) => Promise<TriggeredResult<TConfig>> | TriggeredResult<TConfig>
