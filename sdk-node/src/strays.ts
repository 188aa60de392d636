/** Errors that user code throws where nobody can catch them: in timers and events, in promises that nobody awaits. */

import { noteUnnoticed } from './attempt.js'

/** What was not claimed; `what` names how it was thrown. */
export type Report = (error: unknown, what: string) => void

let claim: ((error: unknown) => boolean) | undefined
let report: Report = (error, what) => console.error(`${what}:`, error)

/** Keeps the process alive through them. */
export function guardStrays(): void {
  process.on('uncaughtException', (error) => stray(error, 'uncaught exception'))
  process.on('unhandledRejection', (reason) => {
    if (!noteUnnoticed(reason)) stray(reason, 'unhandled rejection')
  })
}

/** Tells of strays here from now on. */
export function reportStrays(to: Report): void {
  report = to
}

/** Does something, and one turn of the loop more; rejects with the first stray of that time that is its own. */
export async function claimingStrays<T>(work: () => Promise<T>, isOwn: (error: unknown) => boolean): Promise<T> {
  const strays: unknown[] = []
  claim = (error) => isOwn(error) && strays.push(error) > 0
  try {
    const result = await work()
    await new Promise(setImmediate) // Node says only now which rejections nobody handles
    if (strays.length > 0) throw strays[0]
    return result
  } finally {
    claim = undefined
  }
}

/** What throws in here ends the process, so nothing may: an error can have getters of its own. */
function stray(error: unknown, what: string): void {
  try {
    if (claim?.(error) !== true) report(error, what)
  } catch {
    console.error(`${what}: an error that cannot be read`)
  }
}
