/** Where the attempts of a run stand in its time, and who has caused whom. */

import type { Attempt, Span } from './api'

export interface Bar {
  attempt: Attempt
  depth: number
  /** All in parts of the whole, 0 to 1. */
  start: number
  width: number
  waited: number
  calls: { at: number; width: number }[]
  spans: SpanBar[]
}

export interface SpanBar {
  span: Span
  /** Within its attempt; 0: no other span is around it. */
  depth: number
  start: number
  width: number
}

/** From the first start to the last end, in milliseconds; at least 1. */
export function spanOf(attempts: Attempt[], now = Date.now()): number {
  const first = Math.min(...attempts.map((one) => one.startedMs))
  return Math.max(1, Math.max(...attempts.map((one) => endOf(one, now))) - first)
}

const endOf = (one: Attempt, now: number) => (one.status === 'running' ? now : one.startedMs + one.durationMs)
const MOST_TICKS = 5

/** Round times on the scale of a span: where they are, in parts of the whole, and what to write there. */
export function ticks(span: number): { at: number; text: string }[] {
  const rough = span / MOST_TICKS
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? span
  const count = Math.floor((span * 0.9) / step) // one at the very end would be cut
  return Array.from({ length: count + 1 }, (_, n) => ({ at: (n * step) / span, text: n ? whole(n * step) : '0' }))
}

const whole = (ms: number): string => {
  const text = (value: number) => String(Number(value.toPrecision(6)))
  if (ms >= 60_000) return `${text(ms / 60_000)} min`
  return ms >= 1000 ? `${text(ms / 1000)} s` : `${text(ms)} ms`
}

/** Bars in the order of a tree: below each attempt those that it has caused, oldest first. */
export function waterfall(attempts: Attempt[], now = Date.now()): Bar[] {
  if (attempts.length === 0) return []
  const first = Math.min(...attempts.map((one) => one.startedMs))
  const span = spanOf(attempts, now)
  const known = new Set(attempts.map(({ id }) => id))
  const below = new Map<number, Attempt[]>()
  for (const one of attempts) {
    const parent = one.parentId !== null && known.has(one.parentId) ? one.parentId : 0
    below.set(parent, [...(below.get(parent) ?? []), one])
  }
  const bars: Bar[] = []
  const add = (parent: number, depth: number) => {
    for (const attempt of (below.get(parent) ?? []).sort((a, b) => a.startedMs - b.startedMs || a.id - b.id)) {
      const start = (attempt.startedMs - first) / span
      bars.push({
        attempt,
        depth,
        start,
        width: (endOf(attempt, now) - attempt.startedMs) / span,
        waited: Math.min(attempt.waitedMs / span, start),
        calls: attempt.calls.map(({ offsetMs, durationMs }) => ({
          at: start + offsetMs / span,
          width: durationMs / span,
        })),
        spans: spanTree(attempt.spans).map((one) => ({
          ...one,
          start: start + one.span.offsetMs / span,
          width: one.span.durationMs / span,
        })),
      })
      add(attempt.id, depth + 1)
    }
  }
  add(0, 0)
  return bars
}

/** Spans, each below the one that is around it. */
export function spanTree(spans: Span[]): { span: Span; depth: number }[] {
  const known = new Set(spans.map(({ spanId }) => spanId))
  const below = new Map<string, Span[]>()
  for (const one of [...spans].sort((a, b) => a.offsetMs - b.offsetMs)) {
    const parent = one.parentSpanId !== null && known.has(one.parentSpanId) ? one.parentSpanId : ''
    below.set(parent, [...(below.get(parent) ?? []), one])
  }
  const found: { span: Span; depth: number }[] = []
  const add = (parent: string, depth: number) => {
    for (const span of below.get(parent) ?? []) {
      found.push({ span, depth })
      add(span.spanId, depth + 1)
    }
  }
  add('', 0)
  return found
}
