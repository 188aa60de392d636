/** Which attempt the running code belongs to: what functions that are imported, and not handed over, work with. */

import { AsyncLocalStorage } from 'node:async_hooks'
import type { Context } from './context.js'
import { MotiaError } from './errors.js'

interface Running {
  storage: AsyncLocalStorage<Context>
  /** Following asynchronous calls costs something: only where a step asks for it. */
  isFollowed: boolean
}

// A symbol of the process: CommonJS files and ES modules of a project have an instance of this module each.
const KEY = Symbol.for('motia.running')
const shared = globalThis as { [KEY]?: Running }
shared[KEY] ??= { storage: new AsyncLocalStorage(), isFollowed: false }
const running = shared[KEY]

/** From now on `current` finds the attempts that begin. */
export function followRunning(): void {
  running.isFollowed = true
}

/** Does the work of an attempt. */
export function withContext<T>(context: Context, work: () => T): T {
  return running.isFollowed ? running.storage.run(context, work) : work()
}

/** The context of the attempt that this code runs in, if it does. */
export function currentOrNone(): Context | undefined {
  return running.storage.getStore()
}

/**
 * The context of the attempt that this code runs in.
 *
 * @throws MotiaError when no step runs here.
 */
export function current(what: string): Context {
  const context = currentOrNone()
  if (context !== undefined) return context
  const advice = running.isFollowed
    ? 'call it while a handler runs, not while its file is imported or from what goes on after it'
    : 'no step file imports it from motia, and other files are not looked at: import it in the step file and hand it on, or hand on the context'
  throw new MotiaError(`${what} works within a step only: ${advice}`, 'outside_of_step')
}
