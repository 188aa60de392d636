/** A context for tests of single handlers, without a core: it remembers what the handler does. */

import type { FlowContext } from '../types.js'
import { byName } from './fakes.js'
import type { LogLine } from './types.js'

// biome-ignore lint/suspicious/noExplicitAny: what a handler emits and stores has types of its own
type Any = any
type Groups = Record<string, Record<string, Any>>

export interface Given {
  traceId?: string
  flows?: string[]
  attempt?: number
  maxAttempts?: number
  /** What the state holds before: by group and key. */
  state?: Groups
  /** The items of streams before: by stream, group and id. */
  streams?: Record<string, Groups>
  /** What `waitFor` is answered with, by topic; null for others. */
  answers?: Record<string, Any>
}

export interface MadeContext extends FlowContext<Any> {
  /** Everything that was emitted, in order. */
  readonly emitted: { topic: string; data: Any; [option: string]: Any }[]
  readonly logs: Pick<LogLine, 'level' | 'message' | 'fields'>[]
  /** What is in the state: by group and key. */
  readonly stored: Groups
  /** The items of streams: by stream, group and id. */
  readonly items: Record<string, Groups>
  /** Events that were sent to streams. */
  readonly sent: { stream: string; channel: Any; event: Any }[]
  /** What was sent on WebSocket connections, all of which are there. */
  readonly messages: { connection?: string; path?: string; data?: Any; [option: string]: Any }[]
  /** The results of `run`, by key. */
  readonly remembered: Record<string, Any>
  /** The durations that it slept, which took no time. */
  readonly slept: (number | string)[]
  // biome-ignore lint/suspicious/noExplicitAny: streams of any name
  readonly streams: any
}

/** A context that works in memory. */
export function makeContext(given: Given = {}): MadeContext {
  const emitted: MadeContext['emitted'] = []
  const logs: MadeContext['logs'] = []
  const sent: MadeContext['sent'] = []
  const slept: MadeContext['slept'] = []
  const messages: MadeContext['messages'] = []
  const remembered: MadeContext['remembered'] = {}
  const stored = structuredClone(given.state ?? {})
  const items = structuredClone(given.streams ?? {})
  const log = (level: LogLine['level']) => (message: string, fields?: unknown) => {
    const shown = typeof fields === 'object' && fields !== null ? (fields as Record<string, Any>) : { data: fields }
    logs.push({ level, message, fields: fields === undefined ? {} : shown })
  }
  const context = {
    emit: async (event: Any) => void emitted.push(event),
    traceId: given.traceId ?? 'TESTS-0000001',
    traceparent: `00-${'1'.repeat(32)}-${'1'.repeat(16)}-01`,
    flows: given.flows ?? [],
    attempt: given.attempt ?? 1,
    maxAttempts: given.maxAttempts ?? 4,
    signal: new AbortController().signal,
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    state: stateIn(stored),
    streams: byName((name) => streamIn(items, name, sent)),
    sockets: socketsIn(messages),
    run: async (key: string, fn: () => unknown) => {
      if (!(key in remembered)) remembered[key] = copy(await fn())
      return remembered[key]
    },
    sleep: async (duration: number | string) => void slept.push(duration),
    waitFor: async (topic: string) => given.answers?.[topic] ?? null,
    ...{ emitted, logs, stored, items, sent, messages, remembered, slept },
  }
  return context as unknown as MadeContext
}

function socketsIn(messages: MadeContext['messages']) {
  return {
    send: async (connection: string, data: Any) => messages.push({ connection, data }) > 0,
    broadcast: async (path: string, data: Any, { except = [] as string[] } = {}) => {
      messages.push({ path, data, except })
      return 1 // as if one connection had it
    },
    close: async (connection: string, code = 1000, reason = '') => messages.push({ connection, code, reason }) > 0,
  }
}

function stateIn(groups: Groups) {
  const versions = new Map<string, number>() // of what was stored here; what was given has 1
  const group = (name: string) => (groups[name] ??= {})
  const place = (name: string, key: string) => JSON.stringify([name, key])
  const version = (name: string, key: string) => (key in group(name) ? (versions.get(place(name, key)) ?? 1) : 0)
  const write = (name: string, key: string, value: Any) => {
    versions.set(place(name, key), (versions.get(place(name, key)) ?? version(name, key)) + 1)
    group(name)[key] = copy(value)
  }
  return {
    groups: async () => namesOf(groups),
    getVersioned: async (name: string, key: string) => ({
      value: copy(group(name)[key] ?? null),
      version: version(name, key),
    }),
    compareAndSet: async (name: string, key: string, expected: number, value: Any) => {
      const ok = version(name, key) === expected
      if (ok) write(name, key, value)
      return { ok, version: version(name, key) }
    },
    get: async (name: string, key: string) => copy(group(name)[key] ?? null),
    set: async (name: string, key: string, value: Any) => {
      write(name, key, value)
      return value
    },
    delete: async (name: string, key: string) => {
      const found = group(name)[key] ?? null
      delete group(name)[key]
      return found
    },
    getGroup: async (name: string) => Object.values(copy(group(name))),
    clear: async (name: string) => {
      delete groups[name]
    },
    update: async (name: string, key: string, operations: Any[]) => {
      write(name, key, operations.reduce(apply, copy(group(name)[key] ?? null)))
      return copy(group(name)[key])
    },
    list: async (name: string, { prefix = '' } = {}) => ({ items: entries(group(name), prefix), cursor: '' }),
    listAll: async function* (name: string, { prefix = '' } = {}) {
      yield* entries(group(name), prefix)
    },
  }
}

function streamIn(streams: Record<string, Groups>, name: string, sent: MadeContext['sent']) {
  const groups = () => (streams[name] ??= {})
  const group = (id: string) => (groups()[id] ??= {})
  const dressed = (id: string, item: Any) => (item === undefined ? null : { ...copy(item), id })
  const all = (of: string) => Object.entries(group(of)).map(([id, item]) => dressed(id, item))
  return {
    get: async (of: string, id: string) => dressed(id, group(of)[id]),
    set: async (of: string, id: string, item: Any) => {
      group(of)[id] = copy(item)
      return dressed(id, item)
    },
    update: async (of: string, id: string, operations: Any[]) => {
      group(of)[id] = operations.reduce(apply, copy(group(of)[id] ?? null))
      return dressed(id, group(of)[id])
    },
    delete: async (of: string, id: string) => {
      const found = dressed(id, group(of)[id])
      delete group(of)[id]
      return found
    },
    getGroup: async (of: string) => all(of),
    list: async (of: string) => ({ items: all(of), cursor: '' }),
    listAll: async function* (of: string) {
      yield* all(of)
    },
    groups: async () => namesOf(groups()),
    send: async (channel: Any, event: Any) => void sent.push({ stream: name, channel, event }),
  }
}

/** One operation of `update`; the core knows more about what is wrong with one. */
function apply(whole: Any, { type, path = '', value, by = 1 }: Any): Any {
  const holder = { '': whole }
  let at: Any = holder
  let key = ''
  for (const part of path.split('/').slice(1)) {
    at = at[key] ??= {}
    key = part.replaceAll('~1', '/').replaceAll('~0', '~')
  }
  if (type === 'set') at[key] = copy(value)
  else if (type === 'merge') at[key] = { ...at[key], ...copy(value) }
  else if (type === 'increment') at[key] = (at[key] ?? 0) + by
  else if (type === 'append') at[key] = [...(at[key] ?? []), copy(value)]
  else if (type === 'remove') delete at[key]
  else throw new TypeError(`update does not know the operation ${JSON.stringify(type)}`)
  return holder['']
}

/** Of the groups that hold something, in order. */
function namesOf(groups: Groups): string[] {
  return Object.keys(groups)
    .filter((name) => Object.keys(groups[name] ?? {}).length > 0)
    .sort()
}

function entries(group: Record<string, Any>, prefix: string) {
  const keys = Object.keys(group).filter((key) => key.startsWith(prefix))
  return keys.sort().map((key) => ({ key, value: copy(group[key]) }))
}

/** As JSON would bring it. */
function copy<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T)
}
