/** The errors that user code meets. They may exist twice in a process (import and require): a brand tells them apart. */

const BRAND = Symbol.for('motia.error')

class Branded extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    const brands = typeof value === 'object' && value !== null ? (value as Record<symbol, unknown>)[BRAND] : undefined
    return Array.isArray(brands) && brands.includes(this.brand)
  }

  protected static get brand(): string {
    return this.name
  }

  constructor(message: string, options?: ErrorOptions) {
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

/** Thrown by a handler: try again, after `retryAfterSeconds` when given. Counts as an attempt. */
export class RetryableError extends Branded {
  readonly retryAfterSeconds: number | undefined

  constructor(message: string, options: ErrorOptions & { retryAfterSeconds?: number } = {}) {
    super(message, options)
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}
