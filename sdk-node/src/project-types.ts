/**
 * Types of plugins and adapters, as far as projects of 0.x name them. The core does the work of adapters
 * and plugins itself; what they construct only has to compile.
 */

import type { MotiaStream, StreamAuthContext, StreamAuthRequest } from './stream-types.js'
import type {
  ApiRequest,
  ApiResponse,
  ApiRouteConfig,
  CronConfig,
  EventConfig,
  FlowContext,
  NoopConfig,
  QueueConfig,
  StepConfig,
} from './types.js'

// biome-ignore lint/suspicious/noExplicitAny: 0.x has types of other packages here
type Any = any

/** A step as plugins see it. */
export interface Step<TConfig extends StepConfig = StepConfig> {
  filePath: string
  config: TConfig
  version?: string
}

/** Whether a step of Motia 1.0 has such a trigger. */
const has = ({ config }: { config: object }, type: string): boolean =>
  ((config as { triggers?: { type: string }[] }).triggers ?? []).some((trigger) => trigger.type === type)

export const isApiStep = (step: Step): step is Step<ApiRouteConfig> => step.config.type === 'api' || has(step, 'http')
export const isEventStep = (step: Step): step is Step<EventConfig> => step.config.type === 'event'
export const isCronStep = (step: Step): step is Step<CronConfig> => step.config.type === 'cron' || has(step, 'cron')
export const isNoopStep = (step: Step): step is Step<NoopConfig> => step.config.type === 'noop'

/** What a plugin may look up about the project. */
export interface LockedData {
  activeSteps: Step[]
  devSteps: Step[]
  flows: Record<string, { name: string; description?: string; steps: Step[] }>
}

export interface StateAdapter {
  get<T>(groupId: string, key: string): Promise<T | null>
  set<T>(groupId: string, key: string, value: T): Promise<T>
  delete<T>(groupId: string, key: string): Promise<T | null>
  getGroup<T>(groupId: string): Promise<T[]>
  clear(groupId: string): Promise<void>
  cleanup(): Promise<void>
}

export interface StreamAdapterManager {
  createStream<T>(name: string): MotiaStream<T>
}

export interface EventAdapter {
  emit<T>(event: { topic: string; data: T; traceId?: string; messageGroupId?: string }): Promise<void>
  subscribe(topic: string, stepName: string, handler: (event: Any) => Any, options?: QueueConfig): Promise<Any>
  unsubscribe(handle: Any): Promise<void>
  shutdown(): Promise<void>
}

export interface CronAdapter {
  acquireLock(jobName: string, ttl: number): Promise<Any>
  releaseLock(lock: Any): Promise<void>
  renewLock(lock: Any, ttl: number): Promise<boolean>
  isHealthy(): Promise<boolean>
  shutdown(): Promise<void>
}

export interface AdapterConfig {
  state?: StateAdapter
  streams?: StreamAdapterManager
  events?: EventAdapter
  cron?: CronAdapter
}

export interface MotiaPluginContext {
  lockedData: LockedData
  state: StateAdapter
  registerApi(
    route: { method: string; path: string },
    handler: (req: ApiRequest<Any>, ctx: FlowContext<Any>) => Promise<ApiResponse<number, Any>>,
  ): () => void
  [other: string]: Any
}

export interface WorkbenchPlugin {
  packageName: string
  componentName?: string
  label?: string
  labelIcon?: string
  position?: 'top' | 'bottom'
  cssImports?: string[]
  props?: Record<string, Any>
}

export interface MotiaPlugin {
  workbench: WorkbenchPlugin[]
  dirname?: string
  steps?: string[]
  onShutdown?: () => void | Promise<void>
}

export type MotiaPluginBuilder = (motia: MotiaPluginContext) => MotiaPlugin

export interface StreamAuthConfig {
  /** JSON Schema of what `authenticate` gives. */
  contextSchema: Any
  authenticate: (request: StreamAuthRequest) => StreamAuthContext | null | Promise<StreamAuthContext | null>
}
