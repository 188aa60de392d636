/** What a function given to `ctx.run` may do: it may end although its handler waits somewhere else already. */

import { AsyncLocalStorage } from 'node:async_hooks'
import type { Attempt } from './attempt.js'

/** Follows asynchronous calls only while something runs in it: what uses no `ctx.run` pays nothing for it. */
const scopes = new AsyncLocalStorage<RunScope>()
let open = 0

export class RunScope {
  private readonly outer = scopes.getStore()
  private readonly release: () => void
  private isOpen = true

  constructor(private readonly attempt: Attempt) {
    this.release = attempt.beginRun()
    open += 1
  }

  /** Whether the caller is within a run of this attempt. */
  static isWithin(attempt: Attempt): boolean {
    const scope = scopes.getStore()
    return scope?.attempt === attempt && scope.isOpen
  }

  /** The caller will never go on: neither do the runs it is in, and nobody is to wait for them. */
  static abandon(attempt: Attempt): void {
    for (let scope = scopes.getStore(); scope?.attempt === attempt; scope = scope.outer) scope.close()
  }

  enter<T>(work: () => Promise<T>): Promise<T> {
    return scopes.run(this, work)
  }

  close(): void {
    if (!this.isOpen) return
    this.isOpen = false
    open -= 1
    if (open === 0) scopes.disable()
    this.release()
  }
}
