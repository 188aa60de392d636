/** What the session owes the core: Completes of which it is not known that they are safe. */

import { Doubtful, payloadBytes } from './doubtful.js'
import type { Complete, Invoke } from './gen/motia/v1/invoke.js'
import type { Outbox } from './outbox.js'

export class Completions {
  private readonly unacknowledged = new Map<number, Complete>() // of durable invocations
  private readonly doubtful = new Doubtful()
  private readonly waiting: (() => void)[] = []
  private repeated: Set<number> | undefined

  constructor(private readonly outbox: Outbox) {}

  send(complete: Complete, invoke: Invoke): void {
    if (invoke.durable) this.unacknowledged.set(invoke.invocationId, complete)
    else this.doubtful.add(complete)
    this.outbox.add({ $case: 'complete', value: complete }, payloadBytes(complete))
  }

  acknowledged(invocationIds: number[]): void {
    for (const id of invocationIds) this.unacknowledged.delete(id)
    if (this.unacknowledged.size === 0) for (const resolve of this.waiting.splice(0)) resolve()
  }

  /** Whether an Invoke is of an invocation that has completed: after a resume the core repeats what it must. */
  has(invocationId: number): boolean {
    return this.unacknowledged.has(invocationId) || this.repeated?.has(invocationId) === true
  }

  /** Names the moment, for `arrived`. */
  get mark(): number {
    return this.doubtful.mark
  }

  /** The core has read everything that was sent before the mark. */
  arrived(mark: number): void {
    this.doubtful.arrived(mark)
  }

  /** Sends again what may have been lost with the connection; `unsent` was not sent at all. */
  repeat(unsent: ReadonlySet<number>): void {
    const owed = [...this.doubtful, ...this.unacknowledged.values()]
    this.repeated = new Set(owed.map((complete) => complete.invocationId))
    for (const complete of owed) {
      if (!unsent.has(complete.invocationId)) this.outbox.repeat({ $case: 'complete', value: complete })
    }
  }

  /** Resolves when every durable Complete is acknowledged. */
  settled(): Promise<void> {
    if (this.unacknowledged.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.waiting.push(resolve)
    })
  }
}
