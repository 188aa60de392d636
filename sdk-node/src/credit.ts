/** How many invocations the core may send, by pool. */

import { Pool } from './gen/motia/v1/lifecycle.js'
import type { Outbox } from './outbox.js'

export class Credit {
  private readonly granted: Record<number, number> = {}
  private changed: Set<Pool> | undefined
  private isOver = false

  constructor(private readonly outbox: Outbox) {}

  /** Adds to a pool's credit; one frame a pool and tick. */
  grant(pool: Pool, slots: number): void {
    if (this.isOver) return
    this.granted[pool] = (this.granted[pool] ?? 0) + slots
    if (this.changed === undefined) {
      this.changed = new Set()
      queueMicrotask(() => setImmediate(this.send))
    }
    this.changed.add(pool)
  }

  /** Nothing is granted any more. */
  stop(): void {
    this.isOver = true
  }

  /** Tells a resumed session where it stands. */
  repeat(): void {
    for (const pool of [Pool.POOL_API, Pool.POOL_BACKGROUND]) this.add(pool)
  }

  private send = (): void => {
    if (!this.isOver) for (const pool of this.changed ?? []) this.add(pool)
    this.changed = undefined
  }

  private add(pool: Pool): void {
    this.outbox.add({ $case: 'credit', value: { pool, granted: this.granted[pool] ?? 0 } })
  }
}
