/** Durations and times as handlers write them: milliseconds and texts such as "30s"; Dates, ISO 8601, epoch milliseconds. */

const UNITS_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const LONGEST_MS = 36_500 * 86_400_000
const LATEST_MS = 253_402_300_800_000 // the year 10,000
const EARLIEST_MS = 100_000_000_000 // in 1973; a number below it was meant as seconds
const TEXT = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*$/
const ISO = /^\s*\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?$/
const FORMS = 'give milliseconds as a number, or a text such as "500ms", "30s", "5m", "2h" or "7d"'

/**
 * A duration in whole milliseconds.
 *
 * @throws TypeError, with `name` in it, for what is none.
 */
export function durationMs(value: unknown, name: string): number {
  const ms = typeof value === 'string' ? readText(value, name) : value
  if (typeof ms !== 'number' || Number.isNaN(ms)) {
    throw new TypeError(`${name} is ${show(value)}, which is no duration: ${FORMS}`)
  }
  if (ms < 0) throw new TypeError(`${name} is ${show(value)}: it must not be negative`)
  if (ms > LONGEST_MS) throw new TypeError(`${name} is ${show(value)}: the most is 36500 days`)
  return ms === 0 ? 0 : Math.max(1, Math.round(ms))
}

/** As `durationMs`, for durations that cannot be 0. */
export function positiveMs(value: unknown, name: string): number {
  const ms = durationMs(value, name)
  if (ms === 0) throw new TypeError(`${name} is ${show(value)}: it must be more than 0; leave it out for none`)
  return ms
}

/** A time in milliseconds since the epoch. A text without UTC offset is read as Date reads it: local time. */
export function unixMs(value: unknown, name: string): number {
  if (typeof value === 'number' && value >= 0 && value < EARLIEST_MS) {
    throw new TypeError(`${name} is ${value}, which looks like seconds: give milliseconds since the epoch, or a Date`)
  }
  const ms = value instanceof Date ? value.getTime() : typeof value === 'string' ? readIso(value, name) : value
  if (typeof ms !== 'number') {
    throw new TypeError(`${name} is ${show(value)}: give a Date, an ISO 8601 text, or milliseconds since the epoch`)
  }
  if (!(ms >= 0 && ms < LATEST_MS)) {
    throw new TypeError(`${name} is ${show(value)}: it must lie between 1970 and the year 10000, in milliseconds`)
  }
  return Math.round(ms)
}

/** A value as an error message quotes it: short, whatever it is. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value)
  if (Array.isArray(value)) return 'an array'
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString()
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}

function readText(text: string, name: string): number {
  const found = TEXT.exec(text)
  if (found === null) throw new TypeError(`${name} is ${show(text)}, which is no duration: ${FORMS}`)
  return Number(found[1]) * (UNITS_MS[found[2] as string] as number)
}

function readIso(text: string, name: string): number {
  const ms = ISO.test(text) ? Date.parse(text.trim()) : Number.NaN
  if (Number.isNaN(ms)) {
    throw new TypeError(`${name} is ${show(text)}: write a time as ISO 8601, such as "2030-01-31T09:00:00Z"`)
  }
  return ms
}
