/** The handler's logger: never throws, whatever it is given. */

import { LogLevel, type LogRecord } from './gen/motia/v1/telemetry.js'
import { replaceable } from './members.js'

/** Whose records they are; an Invoke is one. */
export interface LogSource {
  invocationId: number
  step: string
  traceId: string
}

const RANK: Record<string, LogLevel> = {
  debug: LogLevel.LOG_LEVEL_DEBUG,
  info: LogLevel.LOG_LEVEL_INFO,
  warn: LogLevel.LOG_LEVEL_WARN,
  warning: LogLevel.LOG_LEVEL_WARN,
  error: LogLevel.LOG_LEVEL_ERROR,
  critical: LogLevel.LOG_LEVEL_ERROR,
}
const EMPTY = Buffer.alloc(0)
const lowest = RANK[(process.env.LOG_LEVEL ?? '').toLowerCase()] ?? LogLevel.LOG_LEVEL_INFO

type Listener = (level: string, message: string, args?: unknown) => void

/** Of one attempt. Its methods are getters, see members.ts. */
export class HandlerLogger {
  private listeners: Listener[] | undefined

  constructor(
    private readonly source: LogSource,
    private readonly sink: (record: LogRecord) => void,
  ) {}

  get debug() {
    return (message: unknown, args?: unknown): void => this.log(LogLevel.LOG_LEVEL_DEBUG, 'debug', message, args)
  }

  get info() {
    return (message: unknown, args?: unknown): void => this.log(LogLevel.LOG_LEVEL_INFO, 'info', message, args)
  }

  get warn() {
    return (message: unknown, args?: unknown): void => this.log(LogLevel.LOG_LEVEL_WARN, 'warn', message, args)
  }

  get error() {
    return (message: unknown, args?: unknown): void => this.log(LogLevel.LOG_LEVEL_ERROR, 'error', message, args)
  }

  get addListener() {
    return (listener: Listener): void => {
      ;(this.listeners ??= []).push(listener)
    }
  }

  private log(level: LogLevel, name: string, message: unknown, args: unknown): void {
    if (level < lowest) return
    const text = typeof message === 'string' ? message : (safeJson(message) ?? String(message))
    for (const listener of this.listeners ?? []) listener(name, text, args)
    const fields = args === undefined ? EMPTY : toFields(args)
    const { invocationId, step, traceId } = this.source
    this.sink({ invocationId, timeUnixMs: Date.now(), level, message: text, fields, step, traceId })
  }
}

replaceable(HandlerLogger)

/** The second argument as a JSON object. */
function toFields(args: unknown): Buffer {
  const isObject = typeof args === 'object' && args !== null && !Array.isArray(args)
  const fields = args instanceof Error ? { error: args } : isObject ? args : { data: args }
  return Buffer.from(safeJson(fields) ?? JSON.stringify({ data: String(args) }))
}

/** JSON text of anything: errors expanded, cycles and functions named instead of followed. */
function safeJson(value: unknown): string | undefined {
  const above: unknown[] = []
  try {
    return JSON.stringify(value, function (this: unknown, _key, entry: unknown) {
      if (typeof entry === 'bigint') return entry.toString()
      if (typeof entry === 'function') return `[function ${entry.name}]`
      if (typeof entry !== 'object' || entry === null) return entry
      // `this` holds the entry: what is above it is the path to it.
      while (above.length > 0 && above[above.length - 1] !== this) above.pop()
      if (above.includes(entry)) return '[circular]'
      above.push(entry)
      if (entry instanceof Error) {
        const expanded = { ...entry, name: entry.name, message: entry.message, stack: entry.stack, cause: entry.cause }
        above.push(expanded)
        return expanded
      }
      return entry
    })
  } catch {
    return undefined // a getter or toJSON of the user's threw
  }
}
