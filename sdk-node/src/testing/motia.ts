/** `motia` as tests have it: what they do with a project, and what they ask about it. */

import { resolve } from 'node:path'
import { Channel, type EmittedEvent, findCommand, type Json, MotiaTestError } from './channel.js'
import { type FakeHandler, runFake, toDuration, withDurations } from './fakes.js'
import { type RequestOptions, request, type TestResponse } from './response.js'
import type {
  Called,
  DeadLetter,
  DrainOptions,
  LogLine,
  LogQuery,
  Run,
  StartOptions,
  TestEmitOptions,
  Waiting,
} from './types.js'

// biome-ignore lint/suspicious/noExplicitAny: what the project stores has types of its own
type Any = any

/** Starts a project with temporary data, on a free port. */
export async function startMotia(options: StartOptions = {}): Promise<Motia> {
  const given = options.steps ?? []
  const project = options.project ?? (given.length > 0 ? undefined : '.')
  const folder = resolve(project ?? '.')
  const { settings = {}, env = {}, streams = [] } = options
  const more = { settings, env, streams, steps: given.map(({ config }) => config) }
  const args = ['test-server', ...(project === undefined ? [] : [folder])]
  const channel = new Channel(findCommand(folder, options.command), args, process.cwd())
  channel.send(more)
  const { url, steps } = await channel.ready
  const motia = new Motia(channel, url, steps, new Map(given.map(({ config, handler }) => [config.name, handler])))
  await motia.reset()
  return motia
}

/** A running project, alone with its test file. */
export class Motia {
  readonly state: StateOfTest
  private readonly fakes = new Map<string, FakeHandler>()
  private seen: EmittedEvent[] = []

  constructor(
    private readonly channel: Channel,
    /** Where it answers requests. */
    readonly url: string,
    /** Names of its steps. */
    readonly steps: readonly string[],
    private readonly given: ReadonlyMap<string, FakeHandler>,
  ) {
    this.state = new StateOfTest(channel)
    channel.onEvent = (event) => this.seen.push(event)
    channel.onFake = (call) => {
      const handler = this.fakes.get(call.step) ?? (() => {})
      void runFake(channel, call, handler)
    }
  }

  request(method: string, path: string, options?: RequestOptions): Promise<TestResponse> {
    return request(this.url, method, path, options)
  }

  get(path: string, options?: RequestOptions): Promise<TestResponse> {
    return this.request('GET', path, options)
  }

  post(path: string, options?: RequestOptions): Promise<TestResponse> {
    return this.request('POST', path, options)
  }

  put(path: string, options?: RequestOptions): Promise<TestResponse> {
    return this.request('PUT', path, options)
  }

  patch(path: string, options?: RequestOptions): Promise<TestResponse> {
    return this.request('PATCH', path, options)
  }

  delete(path: string, options?: RequestOptions): Promise<TestResponse> {
    return this.request('DELETE', path, options)
  }

  /** Publishes an event; the trace id of the run that it starts. */
  async emit(topic: string, data?: unknown, options: TestEmitOptions = {}): Promise<string> {
    return (await this.channel.do('emit', { topic, data, options: withDurations({ ...options }) })) as string
  }

  /** Runs the handler of a step once: what it did. State and streams are written; what it emits is only delivered if asked for. */
  async call(step: string, input?: unknown, options: { deliver?: boolean } = {}): Promise<Called> {
    return (await this.channel.do('call', { step, input, ...options })) as Called
  }

  /** Waits until nothing runs and nothing is due; time passes until what has failed is tried again. */
  async drain({ timeout, ...options }: DrainOptions = {}): Promise<void> {
    await this.channel.do('drain', { timeoutMs: timeout, ...options })
  }

  /** Lets time pass: what is due meanwhile happens, in order, each at its time. */
  async advance(duration: number | string, { timeout, ...options }: Omit<DrainOptions, 'retries'> = {}): Promise<Date> {
    const now = await this.channel.do('advance', { by: toDuration(duration), timeoutMs: timeout, ...options })
    return new Date(now as number)
  }

  /** Lets time pass until then. */
  async advanceTo(moment: Date | string, { timeout, ...options }: Omit<DrainOptions, 'retries'> = {}): Promise<Date> {
    const to = moment instanceof Date ? moment.toISOString() : moment
    return new Date((await this.channel.do('advance', { to, timeoutMs: timeout, ...options })) as number)
  }

  /** What time it is for the project. It stands still but for `advance`, and for `drain`, when something is tried again. */
  async now(): Promise<Date> {
    return new Date((await this.channel.do('now')) as number)
  }

  /** Runs a cron step now; the trace id. */
  async runCron(step: string): Promise<string> {
    return (await this.channel.do('runCron', { step })) as string
  }

  /** Runs cron steps when time passes, until the next reset. */
  async followCron(follow = true): Promise<void> {
    await this.channel.do('followCron', { follow })
  }

  /** Runs a function in the place of a step's handler, until the next reset. */
  async fake(step: string, handler: FakeHandler): Promise<void> {
    await this.channel.do('fake', { step })
    this.fakes.set(step, handler)
  }

  /** Runs a step's own handler again. */
  async unfake(step: string): Promise<void> {
    const own = this.given.get(step)
    if (own !== undefined) await this.fake(step, own)
    else await this.channel.do('unfake', { step })
  }

  /** A stream of the project. Clients join with `motia/client`, at `motia.url`. */
  stream(name: string): StreamOfTest {
    return new StreamOfTest(this.channel, name)
  }

  /** The data of all events of a topic that steps or the test have emitted, oldest first. */
  emitted<T = Any>(topic: string): T[] {
    return this.events(topic).map(({ data }) => data as T)
  }

  /** All events, of these topics if any are given. */
  events(...topics: string[]): EmittedEvent[] {
    return this.seen.filter(({ topic }) => topics.length === 0 || topics.includes(topic))
  }

  /** A function that returns the events of these topics that were emitted since; all topics when none is given. */
  watching(...topics: string[]): () => EmittedEvent[] {
    const from = this.seen.length
    return () => this.seen.slice(from).filter(({ topic }) => topics.length === 0 || topics.includes(topic))
  }

  /** Log records with this text in their message. */
  async logs(text = '', query: LogQuery = {}): Promise<LogLine[]> {
    return (await this.channel.do('logs', { text, ...query })) as LogLine[]
  }

  /** Everything that was logged, as people read it. */
  async logText(): Promise<string> {
    return (await this.channel.do('logText')) as string
  }

  /** What a request, an emit or a cron step has caused. */
  async run(of: TestResponse | string): Promise<Run> {
    const traceId = typeof of === 'string' ? of : of.traceId
    if (traceId === '') throw new MotiaTestError('the response has no trace id: no step has run', 'TEST_MISTAKE')
    return (await this.channel.do('run', { traceId })) as Run
  }

  /** Events that were given up; `drain` does not complain of them any more. */
  async deadLetters(step?: string): Promise<DeadLetter[]> {
    return (await this.channel.do('deadLetters', { step })) as DeadLetter[]
  }

  /** Brings all dead letters back; how many. */
  async redrive(): Promise<number> {
    return (await this.channel.do('redrive')) as number
  }

  /** Events that wait: for their time, for another event, or because their step is paused. */
  async waiting(step?: string): Promise<Waiting[]> {
    return (await this.channel.do('waiting', { step })) as Waiting[]
  }

  /** Forgets all data, fakes, and what has happened; for `beforeEach`. */
  async reset(): Promise<void> {
    await this.channel.do('reset')
    this.seen = []
    this.fakes.clear()
    for (const [step, handler] of this.given) await this.fake(step, handler)
  }

  /** Ends the project; for `afterAll`. */
  async close(): Promise<void> {
    await this.channel.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** `motia.state`. */
export class StateOfTest {
  constructor(private readonly channel: Channel) {}

  /** The value, or null. */
  get<T = Any>(group: string, key: string): Promise<T | null> {
    return this.do<T | null>('get', { group, key })
  }

  set<T>(group: string, key: string, value: T, options: { ttl?: number | string } = {}): Promise<void> {
    return this.do<void>('set', { group, key, value, ttl: toDuration(options.ttl) })
  }

  /** Applies operations, as `ctx.state.update` does; the new value. */
  update<T = Any>(group: string, key: string, operations: object[]): Promise<T | null> {
    return this.do<T | null>('update', { group, key, value: operations })
  }

  delete<T = Any>(group: string, key: string): Promise<T | null> {
    return this.do<T | null>('delete', { group, key })
  }

  /** The values of a group, by key. */
  group<T = Any>(group: string): Promise<Record<string, T>> {
    return this.do<Record<string, T>>('group', { group })
  }

  clear(group: string): Promise<void> {
    return this.do<void>('clear', { group })
  }

  private async do<T>(operation: string, given: Json): Promise<T> {
    return (await this.channel.do('state', { operation, ...given })) as T
  }
}

/** `motia.stream('board')`. */
export class StreamOfTest {
  constructor(
    private readonly channel: Channel,
    private readonly name: string,
  ) {}

  /** An item, or null. */
  get<T = Any>(group: string, id: string): Promise<T | null> {
    return this.do<T | null>('get', { group, id })
  }

  set<T extends object>(group: string, id: string, data: T): Promise<T> {
    return this.do<T>('set', { group, id, data })
  }

  delete<T = Any>(group: string, id: string): Promise<T | null> {
    return this.do<T | null>('delete', { group, id })
  }

  /** All items of a group, oldest first. */
  items<T = Any>(group: string): Promise<T[]> {
    return this.do<T[]>('items', { group })
  }

  /** Pushes an event to those who watch. */
  send(group: string, event: { type: string; data?: unknown }, id?: string): Promise<void> {
    return this.do<void>('send', { group, id, ...event })
  }

  private async do<T>(operation: string, given: Json): Promise<T> {
    return (await this.channel.do('stream', { stream: this.name, operation, ...given })) as T
  }
}
