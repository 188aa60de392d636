/** Server-sent events: a response that browsers read with EventSource. */

import { toJson } from './payload.js'

/** One event with its fields; data that is no string goes as JSON. */
export interface ServerSentEvent {
  data?: unknown
  event?: string
  id?: string | number
  /** Milliseconds after which the browser connects again. */
  retry?: number
  comment?: string
}

export interface ServerSentResponse {
  status: 200
  headers: Record<string, string>
  body: AsyncGenerator<string>
}

const FIELDS = new Set(['data', 'event', 'id', 'retry', 'comment'])
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no', // some proxies collect what they pass on unless told
}

/**
 * A response of server-sent events, one for each that the iterable gives. A string is an event's data; an object with
 * data or comment, and nothing else but event, id and retry, is an event with these fields; everything else is data, as
 * JSON.
 */
export function sse(
  events: AsyncIterable<unknown> | Iterable<unknown>,
  headers: Record<string, string> = {},
): ServerSentResponse {
  return { status: 200, headers: { ...HEADERS, ...headers }, body: texts(events) }
}

async function* texts(events: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<string> {
  for await (const event of events) yield eventText(event)
}

/** One event as it is sent. */
export function eventText(given: unknown): string {
  const event: ServerSentEvent = isEvent(given) ? given : { data: given }
  const lines = event.comment === undefined ? [] : event.comment.split(/\r\n|\r|\n/).map((line) => `: ${line}`)
  for (const name of ['event', 'id', 'retry'] as const) {
    if (event[name] !== undefined) lines.push(`${name}: ${String(event[name]).replace(/[\r\n]+/g, ' ')}`)
  }
  if ('data' in event) {
    const text = typeof event.data === 'string' ? event.data : (toJson(event.data, 'data of an event') ?? '')
    lines.push(...text.split(/\r\n|\r|\n/).map((line) => `data: ${line}`))
  }
  return `${lines.join('\n')}\n\n`
}

function isEvent(given: unknown): given is ServerSentEvent {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false
  return ('data' in given || 'comment' in given) && Object.keys(given).every((key) => FIELDS.has(key))
}
