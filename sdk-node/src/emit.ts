/** An event as the handler gives it to `ctx.emit`, as the call that carries it. */

import { durationMs, positiveMs, show, unixMs } from './durations.js'
import { MotiaError } from './errors.js'
import type { Emit } from './gen/motia/v1/call.js'
import { toJson } from './payload.js'

const EMPTY = Buffer.alloc(0)
const MOST_PRIORITY = 100

/**
 * The call of one emit.
 *
 * @throws MotiaError when the data is not JSON, TypeError for options that say nothing sensible.
 */
export function toEmit(given: unknown): Emit {
  const event = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>
  const { topic, data, messageGroupId, delay, at, idempotencyKey, idempotencyWindow, priority } = event
  const emit: Emit = {
    topic: typeof topic === 'string' ? topic : '', // the core says what is wrong, and drops it (0.x behaviour)
    data: data === undefined ? EMPTY : toData(data, topic),
    messageGroupId: isGiven(messageGroupId) ? String(messageGroupId) : '',
    delayMs: undefined,
    atUnixMs: 0,
    idempotencyKey: '',
    idempotencyWindowMs: 0,
    priority: 0,
  }
  if (isGiven(delay)) emit.delayMs = durationMs(delay, 'delay')
  if (isGiven(at)) {
    if (isGiven(delay)) throw new TypeError('emit has both delay and at: give one of them')
    emit.atUnixMs = Math.max(1, unixMs(at, 'at'))
  }
  if (isGiven(idempotencyKey)) emit.idempotencyKey = toKey(idempotencyKey)
  if (isGiven(idempotencyWindow)) {
    if (!isGiven(idempotencyKey)) {
      throw new TypeError('emit has an idempotencyWindow without an idempotencyKey, for which it would count')
    }
    emit.idempotencyWindowMs = positiveMs(idempotencyWindow, 'idempotencyWindow')
  }
  if (isGiven(priority)) emit.priority = toPriority(priority)
  return emit
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

function toData(data: unknown, topic: unknown): Buffer {
  const what = `data of emit to '${String(topic)}'`
  const text = toJson(data, what)
  if (text === undefined) throw new MotiaError(`${what} is a ${typeof data}, which is not JSON`, 'schema')
  return Buffer.from(text)
}

function toKey(key: unknown): string {
  const isText = typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint'
  if (!isText) throw new TypeError(`idempotencyKey is ${show(key)}: give a text`)
  if (key === '') {
    throw new TypeError('idempotencyKey is empty: leave it out, or give what tells this event from others')
  }
  return String(key)
}

function toPriority(priority: unknown): number {
  if (typeof priority !== 'number' || !Number.isInteger(priority) || Math.abs(priority) > MOST_PRIORITY) {
    throw new TypeError(
      `priority is ${show(priority)}: give a whole number from -${MOST_PRIORITY} to ${MOST_PRIORITY}, 0 is usual`,
    )
  }
  return priority
}
