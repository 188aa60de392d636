/** What handlers give to emit, sleep and the like, as it goes to the core. */

import { describe, expect, test } from 'vitest'
import { durationMs, positiveMs, unixMs } from '../src/durations.js'
import { toEmit } from '../src/emit.js'
import { RetryableError } from '../src/errors.js'

describe('durations', () => {
  test.each([
    [0, 0],
    [1500, 1500],
    [0.2, 1],
    ['500ms', 500],
    ['30s', 30_000],
    [' 1.5 m ', 90_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
  ])('%j is %d ms', (given, ms) => expect(durationMs(given, 'delay')).toBe(ms))

  test.each([
    ['soon', /delay is "soon", which is no duration: give milliseconds as a number, or a text such as "500ms"/],
    ['5', /no duration/],
    [Number.NaN, /no duration/],
    [null, /no duration/],
    [-1, /must not be negative/],
    [Number.POSITIVE_INFINITY, /the most is 36500 days/],
  ])('%j is refused', (given, message) => expect(() => durationMs(given, 'delay')).toThrow(message))

  test('a window cannot be 0', () => expect(() => positiveMs(0, 'ttl')).toThrow(/ttl is 0: it must be more than 0/))

  test.each([
    [new Date(1_900_000_000_000), 1_900_000_000_000],
    ['2030-01-31T09:00:00Z', Date.UTC(2030, 0, 31, 9)],
    [1_900_000_000_000, 1_900_000_000_000],
  ])('%j is a time', (given, ms) => expect(unixMs(given, 'at')).toBe(ms))

  test.each([
    [1_900_000_000, /looks like seconds/],
    ['tomorrow', /write a time as ISO 8601/],
    [new Date('x'), /an invalid Date/],
    [{}, /give a Date, an ISO 8601 text, or milliseconds/],
  ])('%j is no time', (given, message) => expect(() => unixMs(given, 'at')).toThrow(message))
})

describe('emit', () => {
  test('topic and data only', () => {
    expect(toEmit({ topic: 't', data: { a: 1 } })).toEqual({
      topic: 't',
      data: Buffer.from('{"a":1}'),
      messageGroupId: '',
      delayMs: undefined,
      atUnixMs: 0,
      idempotencyKey: '',
      idempotencyWindowMs: 0,
      priority: 0,
    })
  })

  test('all options', () => {
    const options = { messageGroupId: 7, delay: 0, idempotencyKey: 42, idempotencyWindow: '1h', priority: -5 }
    expect(toEmit({ topic: 't', ...options })).toMatchObject({
      data: Buffer.alloc(0),
      messageGroupId: '7',
      delayMs: 0,
      idempotencyKey: '42',
      idempotencyWindowMs: 3_600_000,
      priority: -5,
    })
    expect(toEmit({ topic: 't', at: new Date(0) }).atUnixMs).toBe(1) // 0 would mean: not given
  })

  test.each([
    [{ delay: 1, at: new Date() }, /both delay and at/],
    [{ idempotencyWindow: 5 }, /idempotencyWindow without an idempotencyKey/],
    [{ idempotencyKey: '' }, /idempotencyKey is empty/],
    [{ idempotencyKey: {} }, /idempotencyKey is an object: give a text/],
    [{ priority: 101 }, /priority is 101: give a whole number from -100 to 100/],
    [{ priority: '1' }, /priority is "1"/],
    [{ data: () => 1 }, /data of emit to 't' is a function, which is not JSON/],
  ])('%j is refused', (options, message) => expect(() => toEmit({ topic: 't', ...options })).toThrow(message))

  test('the core judges what is no event', () => expect(toEmit(undefined).topic).toBe(''))
})

test('RetryableError says when', () => {
  expect(new RetryableError('x', { retryAfter: '30s' }).retryAfterMs).toBe(30_000)
  expect(new RetryableError('x', { retryAfterSeconds: 0.5 }).retryAfterMs).toBe(500)
  expect(new RetryableError('x', { retryAfter: -5 }).retryAfterMs).toBe(0)
  expect(new RetryableError('x').retryAfterMs).toBeUndefined()
  expect(() => new RetryableError('x', { retryAfter: 'later' })).toThrow(/no duration/)
})
