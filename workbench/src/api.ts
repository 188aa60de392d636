/** The management API (docs/management-api.md): its shapes, and how it is asked. */

const BASE = '/__motia'
const TOKEN = 'motia-token'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type StepType = 'api' | 'event' | 'cron' | 'noop'
export type Status = 'running' | 'waiting' | 'completed' | 'failed'

export interface Step {
  id: string
  name: string
  type: StepType
  language: string
  file: string
  line: number | null
  description: string
  flows: string[]
  emits: { topic: string; label: string | null; conditional: boolean }[]
  method?: string
  path?: string
  bodySchema?: Schema | null
  queryParams?: { name: string; description: string }[] | null
  subscribes?: string[]
  watches?: string | null
  inputSchema?: Schema | null
  cron?: string
}

export interface Schema {
  $defs?: Record<string, Schema>
  $ref?: string
  description?: string
  type?: string | string[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  enum?: Json[]
  default?: Json
  example?: Json
  examples?: Json[]
  const?: Json
  anyOf?: Schema[]
  oneOf?: Schema[]
  format?: string
  minimum?: number
  exclusiveMinimum?: number
  minLength?: number
}

export interface Problem {
  severity: 'error' | 'warning'
  file: string
  line: number | null
  step: string | null
  cause: string
  remedy: string | null
}

export interface Problems {
  problems: Problem[]
  /** Languages that go on as they were, as what was saved since does not load. */
  kept: string[]
}

export interface FlowNode {
  id: string
  name: string
  type: StepType
  description: string
  language: string
  filePath: string
  emits: string[]
  subscribes: string[]
  webhookUrl?: string
  cronExpression?: string
  watches?: string
  virtualEmits: string[]
  virtualSubscribes: string[]
  nodeComponentPath?: string
}

export interface FlowEdge {
  id: string
  source: string
  target: string
  data: { variant: 'event' | 'virtual'; topic: string; label?: string; labelVariant?: string }
}

/** Where a node stands, and where edges end at it. */
export interface Place {
  x: number
  y: number
  sourceHandlePosition?: 'bottom' | 'right'
  targetHandlePosition?: 'top' | 'left'
}

export interface Flow {
  id: string
  name: string
  steps: FlowNode[]
  edges: FlowEdge[]
  config: Record<string, Place>
}

export interface StepStats {
  running: number
  waiting: number
  completed: number
  failed: number
  p50Ms: number
  p95Ms: number
  completedBy: number[]
  failedBy: number[]
  topics: Record<string, { events: number; failed: number }>
}

export interface Run {
  traceId: string
  name: string
  trigger: string
  label: string
  status: Status
  startedMs: number
  durationMs: number
  attempts: number
  failed: number
  /** Deliveries that wait. */
  waiting: number
  error: string | null
  replayOf: number | null
}

export type Payload = { json: Json } | { text: string; cut?: boolean; bytes?: number } | { bytes: number }

export interface Span {
  spanId: string
  parentSpanId: string | null
  name: string
  kind: string
  offsetMs: number
  durationMs: number
  error: string | null
  attributes: Record<string, Json>
}

export interface Call {
  type: string
  target: string
  offsetMs: number
  durationMs: number
  data: Payload | null
  error: string | null
  count: number
}

export interface HttpInput {
  method: string
  path: string
  query: Record<string, string | string[]>
  headers: Record<string, string>
  body: Payload | null
}

export interface Attempt {
  id: number
  traceId: string
  parentId: number | null
  step: string
  name: string
  language: string
  trigger: string
  label: string
  attempt: number
  status: Status
  startedMs: number
  durationMs: number
  waitedMs: number
  httpStatus: number | null
  deliveryId: number | null
  error: { kind: string; message: string; type?: string; stack?: string; file?: string; line?: number } | null
  input: Json | Payload | HttpInput | null
  output: Json | Payload | null
  calls: Call[]
  callsDropped: number
  /** Those that the user's OpenTelemetry made. */
  spans: Span[]
}

export interface Log {
  id: string
  level: 'debug' | 'info' | 'warn' | 'error'
  time: number
  msg: string
  traceId: string | null
  step: string | null
  fields: Record<string, unknown>
}

export interface Trace {
  traceId: string
  run: Run
  attempts: Attempt[]
  logs: Log[]
}

export interface Queue {
  step: string
  name: string | null
  topics: string[]
  type: string
  concurrency: number
  waiting: number
  delayed: number
  running: number
  paused: boolean
  dead: number
  oldestMs: number | null
}

export interface Letter {
  id: number
  topic: string
  step: string
  traceId: string
  attempts: number
  emittedMs: number
  deadMs: number
  reason: string
  data?: Json
  failures?: { attempt: number; failedMs: number; message: string; stack: string | null }[]
}

export interface Cron {
  step: string
  name: string
  cron: string
  timezone: string | null
  overlap: string
  catchUp: string
  nextMs: number[]
  lastMs: number | null
  paused: boolean
}

export interface Sidecar {
  name: string
  group: string
  languages: string[]
  pid: number
  /** HOST:PORT that it has attached from; empty: the core has launched it. */
  address: string
  connected: boolean
  busy: boolean
  /** It finishes what it runs and takes nothing new. */
  leaving: boolean
  running: number
  memoryBytes: number
  loopLagMs: number
  steps: number
  startedMs: number
  restarts: number
}

export interface Stream {
  name: string
  filePath: string
  watchers: number
  presence: boolean
  ttlMs: number | null
  maxItems: number | null
}

export interface Root {
  version: string
  project: { name: string; path: string }
  /** Whether files are served as they are saved. */
  isDev: boolean
}

/** A page that a plugin of the project adds. */
export interface Tab {
  id: string
  label: string
  package: string
  props: Record<string, Json>
}

export const tabsQuery = {
  queryKey: ['tabs'],
  queryFn: () => get<{ tabs: Tab[]; problem: string | null }>('/tabs'),
  staleTime: 60_000, // a config is asked in a process of its own: not with each look; a change of the project does
}

export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code = '',
  ) {
    super(message)
  }
}

export const token = {
  get: (): string => sessionStorage.getItem(TOKEN) ?? '',
  set: (value: string): void => sessionStorage.setItem(TOKEN, value),
}

export function headers(more: Record<string, string> = {}): Record<string, string> {
  return token.get() ? { ...more, authorization: `Bearer ${token.get()}` } : more
}

async function checked(response: Response): Promise<Response> {
  if (response.ok) return response
  const content = (await response.json().catch(() => null)) as { error?: string; code?: string } | null
  throw new ApiError(content?.error ?? `the core answered ${response.status}`, response.status, content?.code)
}

/** Query parameters; what is empty is left out. */
export function query(values: Record<string, string | number | undefined>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== '')
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return text && `?${text}`
}

export async function get<T>(path: string): Promise<T> {
  const response = await checked(await fetch(`${BASE}${path}`, { headers: headers() }))
  return (await response.json()) as T
}

/** What is not JSON. */
export async function getText(path: string): Promise<string> {
  return (await checked(await fetch(`${BASE}${path}`, { headers: headers() }))).text()
}

export async function post<T>(path: string, body: unknown): Promise<T> {
  const init = { method: 'POST', headers: headers({ 'content-type': 'application/json' }), body: JSON.stringify(body) }
  return (await checked(await fetch(`${BASE}${path}`, init))).json() as Promise<T>
}
