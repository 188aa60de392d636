/** What `@motiadev/test` of 0.x has, for tests that were written for it. New tests are better off with `motia/testing`. */

import type { EmittedEvent } from './channel.js'
import { createMockFunction, type MockFunction } from './mock-function.js'
import { type Motia, startMotia } from './motia.js'
import type { TestResponse } from './response.js'
import type { StartOptions } from './types.js'

// biome-ignore lint/suspicious/noExplicitAny: as it was in 0.x
type Any = any
export type MockLogger = Record<'info' | 'debug' | 'warn' | 'error' | 'log', MockFunction>

export interface MockFlowContext {
  logger: MockLogger
  emit: MockFunction
  traceId: string
  state: Record<'get' | 'set' | 'delete' | 'clear' | 'getGroup', MockFunction>
}

export interface CapturedEvent {
  topic: string
  data: Any
  traceId: string
}

export interface Watcher {
  getCapturedEvents(): CapturedEvent[]
  getLastCapturedEvent(): CapturedEvent | undefined
  getCapturedEvent(index: number): CapturedEvent | undefined
}

interface RequestOptions {
  body?: unknown
  headers?: Record<string, string>
}

/** A response as supertest has it, the usual part of it. */
export interface TesterResponse {
  status: number
  statusCode: number
  ok: boolean
  body: Any
  text: string
  headers: Record<string, string>
  header: Record<string, string>
  type: string
  get(name: string): string | undefined
}

export interface MotiaTester {
  post(path: string, options?: RequestOptions): Promise<TesterResponse>
  get(path: string, options?: RequestOptions): Promise<TesterResponse>
  emit(event: { topic: string; data?: unknown }): Promise<void>
  watch(topic: string): Promise<Watcher>
  /** Until nothing runs; events may fail. */
  waitEvents(): Promise<void>
  /** Lets time pass for the project, which takes none. */
  sleep(ms: number): Promise<void>
  close(): Promise<void>
  logger: MockLogger
}

/** Runs the project of the current folder. It starts with the first call. */
export function createMotiaTester(options: StartOptions = {}): MotiaTester {
  let started: Promise<Motia> | undefined
  const motia = () => (started ??= startMotia(options))
  const ask = async (method: string, path: string, { body, headers }: RequestOptions = {}) => {
    const sent = { ...(body === undefined ? {} : { json: body }), ...(headers === undefined ? {} : { headers }) }
    return asSupertest(await (await motia()).request(method, path, sent))
  }
  return {
    post: (path, sent) => ask('POST', path, sent),
    get: (path, sent) => ask('GET', path, sent),
    emit: async ({ topic, data }) => void (await (await motia()).emit(topic, data)),
    watch: async (topic) => {
      const seen = (await motia()).watching(topic)
      const captured = () => seen().map(asCaptured)
      return {
        getCapturedEvents: captured,
        getLastCapturedEvent: () => captured().at(-1),
        getCapturedEvent: (index) => captured()[index],
      }
    },
    waitEvents: async () => (await motia()).drain({ allowFailures: true }),
    sleep: async (ms) => void (await (await motia()).advance(ms, { allowFailures: true })),
    close: async () => {
      if (started !== undefined) await (await started).close()
    },
    logger: createMockLogger(),
  }
}

/** A context whose functions are mocks. */
export function createMockContext(given: Partial<MockFlowContext> = {}): MockFlowContext {
  const mocks = ['get', 'set', 'delete', 'clear', 'getGroup'].map((name) => [name, createMockFunction()])
  return {
    logger: given.logger ?? createMockLogger(),
    emit: given.emit ?? createMockFunction(),
    traceId: given.traceId ?? 'mock-trace-id',
    state: { ...(Object.fromEntries(mocks) as MockFlowContext['state']), ...given.state },
  }
}

export function createMockLogger(): MockLogger {
  const mocks = ['info', 'debug', 'warn', 'error', 'log'].map((name) => [name, createMockFunction()])
  return Object.fromEntries(mocks) as MockLogger
}

/** In 0.x it replaced the class of loggers; here handlers get theirs with the context. */
export const setupLoggerMock = createMockLogger

/** A client of Redis whose functions are mocks. */
export function createMockRedisClient(): Record<string, MockFunction> {
  const names = 'get set del exists expire keys hGet hSet hGetAll hDel publish subscribe unsubscribe connect quit on'
  return Object.fromEntries(names.split(' ').map((name) => [name, createMockFunction()]))
}

interface Subscription {
  event: string
  filePath: string
  handler: (event: Any) => unknown
}

/** Hands events to those who subscribe, in memory. */
export function createEventManager() {
  let subscriptions: Subscription[] = []
  return {
    emit: async (event: { topic: string; [field: string]: Any }): Promise<void> => {
      await Promise.all(subscriptions.filter((one) => one.event === event.topic).map((one) => one.handler(event)))
    },
    subscribe: (subscription: Subscription): void => {
      subscriptions.push(subscription)
    },
    unsubscribe: ({ event, filePath }: { event: string; filePath: string }): void => {
      subscriptions = subscriptions.filter((one) => one.event !== event || one.filePath !== filePath)
    },
  }
}

function asCaptured({ topic, data, traceId }: EmittedEvent): CapturedEvent {
  return { topic, data, traceId }
}

function asSupertest(answer: TestResponse): TesterResponse {
  const { status, ok, headers, text } = answer
  const type = (headers['content-type'] ?? '').split(';')[0] ?? ''
  const isJson = type === 'application/json' || type.endsWith('+json')
  return {
    status,
    statusCode: status,
    ok,
    body: isJson ? answer.json() : {},
    text,
    headers,
    header: headers,
    type,
    get: (name) => headers[name.toLowerCase()],
  }
}
