/** The errors that user code meets. They may exist twice in a process (import and require): a brand tells them apart. */

import { durationMs } from './durations.js'
import type { Duration } from './types.js'

const BRAND = Symbol.for('motia.error')

class Branded extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    const brands = typeof value === 'object' && value !== null ? (value as Record<symbol, unknown>)[BRAND] : undefined
    return Array.isArray(brands) && brands.includes(this.brand)
  }

  protected static get brand(): string {
    return this.name
  }

  constructor(message?: string, options?: ErrorOptions) {
    super(message, options)
    const brands: string[] = []
    for (
      let type = new.target as unknown;
      typeof type === 'function' && type !== Error;
      type = Object.getPrototypeOf(type)
    ) {
      brands.push((type as { name: string }).name)
    }
    Object.defineProperty(this, BRAND, { value: brands })
    this.name = new.target.name
  }
}

/** What the SDK and the core say to a handler. */
export class MotiaError extends Branded {
  /** For example "schema", "bad_result", "StoreFullError". */
  readonly kind: string

  constructor(message: string, kind: string) {
    super(message)
    this.kind = kind
  }
}

/** Thrown by a handler: never try again. The event goes to the dead letters at once. */
export class TerminalError extends Branded {}

export interface RetryableOptions extends ErrorOptions {
  /** How long to wait before the next attempt: milliseconds, or a text such as "30s". What is over means at once. */
  retryAfter?: Duration
  /** The same, in seconds. */
  retryAfterSeconds?: number
}

/** Thrown by a handler: try again, after `retryAfter` when given. Counts as an attempt. */
export class RetryableError extends Branded {
  readonly retryAfterMs: number | undefined

  constructor(message?: string, options: RetryableOptions = {}) {
    super(message, options)
    const { retryAfter, retryAfterSeconds } = options
    this.retryAfterMs = waitMs(retryAfter ?? (retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000))
  }
}

function waitMs(retryAfter: Duration | undefined): number | undefined {
  if (retryAfter === undefined) return undefined
  const isOver = typeof retryAfter === 'number' && retryAfter < 0 // a time of the past, less the present
  return isOver ? 0 : durationMs(retryAfter, 'retryAfter')
}
