/** What tests give and get. */

import type { EmitOptions, StepConfig } from '../types.js'
import type { EmittedEvent } from './channel.js'
import type { FakeHandler } from './fakes.js'

// biome-ignore lint/suspicious/noExplicitAny: what handlers return and events hold has types of its own
type Any = any

export interface GivenStep {
  /** As in a step file; schemas as JSON Schema. */
  config: StepConfig
  /** As in a step file; runs in the process of the test. */
  handler: FakeHandler
}

export interface StartOptions {
  /** A folder with steps/ or src/; default: the current folder, or only `steps` when some are given. */
  project?: string
  /** More steps. */
  steps?: GivenStep[]
  /** Configs of more streams. */
  streams?: object[]
  /** By name, such as 'validation.mode', beside those of motia.toml. */
  settings?: Record<string, unknown>
  /** Variables for the project's code, beside those of this process and of .env. */
  env?: Record<string, string>
  /** The program motia-core; default: MOTIA_CORE, an environment of the project, or the PATH. */
  command?: string
}

export type TestEmitOptions = EmitOptions

export interface DrainOptions {
  /** Milliseconds of real time; default 10,000. */
  timeout?: number
  /** Whether time passes until what has failed is tried again; default true. */
  retries?: boolean
  /** Whether events may be given up; default false. */
  allowFailures?: boolean
}

export interface HandlerError {
  /** Name of its class. */
  type: string
  message: string
  stack: string
  /** 'application', 'timeout', 'schema' and the like. */
  kind: string
}

export interface LogLine {
  level: 'debug' | 'info' | 'warn' | 'error'
  message: string
  /** Name; empty: of the core. */
  step: string
  traceId: string
  fields: Record<string, Any>
}

export interface LogQuery {
  step?: string
  level?: LogLine['level']
  traceId?: string
  /** Sidecars write theirs a little later: when there are fewer, half a second is waited for more; default 1. */
  atLeast?: number
}

export interface Change {
  /** 'set', 'update', 'delete', 'clear', 'send' … */
  operation: string
  /** Group and key of state; stream, group and id of a stream. */
  place: string[]
  value: Any
}

/** What a handler did that was called. */
export interface Called {
  /** Of an api step. */
  result: { status: number; headers: Record<string, string>; body: Any } | null
  error: HandlerError | null
  emits: EmittedEvent[]
  state: Change[]
  streams: Change[]
  /** What it sleeps or waits for; empty: it has ended. */
  waits: string
  logs: LogLine[]
  traceId: string
}

export interface Attempt {
  step: string
  number: number
  trigger: 'http' | 'event' | 'cron' | 'stream'
  label: string
  status: 'completed' | 'failed'
  error: string
  durationMs: number
}

/** Everything that one request, event or tick has caused. */
export interface Run {
  traceId: string
  /** The steps that took part, in order of their first attempts. */
  steps: string[]
  attempts: Attempt[]
}

/** An event that was given up. */
export interface DeadLetter {
  id: string
  step: string
  topic: string
  data: Any
  attempts: number
  error: HandlerError
}

/** An event that waits. */
export interface Waiting {
  step: string
  topic: string
  data: Any
  /** Milliseconds since the epoch, by the clock of the project; null: not for a time. */
  due: number | null
  why: string
}
