/** The requests that were sent from this browser, newest first. */

import type { Request } from './export'

const MOST_KEPT = 30
const KEY = 'motia-requests'

export interface Sent extends Request {
  at: number
  step: string
  status: number
}

/** What is kept; nothing where it cannot be read. */
export function readSent(): Sent[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isSent) : []
  } catch {
    return []
  }
}

/** Keeps one more; all that is kept then. */
export function keepSent(sent: Sent): Sent[] {
  const kept = [sent, ...readSent()].slice(0, MOST_KEPT)
  localStorage.setItem(KEY, JSON.stringify(kept))
  return kept
}

function isSent(one: unknown): one is Sent {
  const { method, path, step, headers, body } = (one ?? {}) as Partial<Sent>
  return (
    [method, path, step].every((text) => typeof text === 'string') &&
    typeof headers === 'object' &&
    headers !== null &&
    (body === null || typeof body === 'string')
  )
}
