import { describe, expect, test } from 'vitest'
import { MotiaError, RetryableError, TerminalError } from '../src/errors.js'
import { toFailure } from '../src/failure.js'
import { FailureKind, Retry } from '../src/gen/motia/v1/failure.js'
import { BodyFormat, BodyKind, type HttpRequest } from '../src/gen/motia/v1/invoke.js'
import type { LogRecord } from '../src/gen/motia/v1/telemetry.js'
import { HandlerLogger } from '../src/logger.js'
import { parseJson, toJson, toRequest } from '../src/payload.js'
import { toResponse } from '../src/response.js'
import { toOwnOperations, type UpdateOp } from '../src/update-ops.js'

const none = Buffer.alloc(0)

describe('JSON', () => {
  test.each([
    ['9007199254740993', 9007199254740993n],
    ['{"id":1180591620717411303424,"n":1}', { id: 1180591620717411303424n, n: 1 }],
    ['-9007199254740993', -9007199254740993n],
    ['"1234567890123456789"', '1234567890123456789'],
    ['0.1234567890123456', 0.1234567890123456],
    ['1234567890123456', 1234567890123456],
    ['[1e300]', [1e300]],
    ['{"a":1,"a":9007199254740993}', { a: 9007199254740993n }],
  ])('%s is read without loss', (text, value) => {
    expect(parseJson(text)).toEqual(value)
  })

  test('integers of any size are written as integers', () => {
    expect(toJson({ id: 2n ** 70n, s: 'ü🚀' }, 'x')).toBe('{"id":1180591620717411303424,"s":"ü🚀"}')
    expect(toJson(undefined, 'x')).toBeUndefined()
  })

  test('what is circular is refused and named', () => {
    const circular: Record<string, unknown> = {}
    circular.self = circular
    expect(() => toJson(circular, 'the response body')).toThrow(/the response body is not JSON/)
  })
})

describe('requests', () => {
  const request = (more: Partial<HttpRequest>): HttpRequest => ({
    method: 'POST',
    path: '/a',
    pathParams: ['id', '7'],
    queryParams: none,
    headers: ['host', 'x'],
    bodyFormat: BodyFormat.BODY_FORMAT_UNSPECIFIED,
    body: none,
    rawBody: none,
    pathValues: none,
    files: [],
    ...more,
  })

  test('have exactly five keys', () => {
    expect(toRequest(request({ queryParams: Buffer.from('{"a":["1","2"]}') }))).toEqual({
      body: {},
      headers: { host: 'x' },
      pathParams: { id: '7' },
      queryParams: { a: ['1', '2'] },
      rawBody: '',
    })
  })

  test('of every body format', () => {
    const json = toRequest(request({ bodyFormat: BodyFormat.BODY_FORMAT_JSON, body: Buffer.from('{"b": 1}') }))
    expect([json.body, json.rawBody]).toEqual([{ b: 1 }, '{"b": 1}'])
    const form = toRequest(
      request({ bodyFormat: BodyFormat.BODY_FORMAT_JSON, body: Buffer.from('{"b":"1"}'), rawBody: Buffer.from('b=1') }),
    )
    expect([form.body, form.rawBody]).toEqual([{ b: '1' }, 'b=1'])
    const text = toRequest(request({ bodyFormat: BodyFormat.BODY_FORMAT_TEXT, body: Buffer.from('ü') }))
    expect([text.body, text.rawBody]).toEqual(['ü', 'ü'])
    const binary = toRequest(request({ bodyFormat: BodyFormat.BODY_FORMAT_BINARY, body: Buffer.from([0, 255]) }))
    expect([binary.body, binary.rawBody]).toEqual([{}, Buffer.from([0, 255])])
  })
})

describe('responses', () => {
  test.each([
    [{ status: 200, body: { a: 1 } }, BodyKind.BODY_KIND_JSON, '{"a":1}'],
    [{ status: 200, body: null }, BodyKind.BODY_KIND_JSON, 'null'],
    [{ status: 200, body: '<p>' }, BodyKind.BODY_KIND_TEXT, '<p>'],
    [{ status: 200, body: Buffer.from('b') }, BodyKind.BODY_KIND_BINARY, 'b'],
    [{ status: 200, body: new Uint8Array([98]) }, BodyKind.BODY_KIND_BINARY, 'b'],
    [{ status: 200, body: { type: 'Buffer', data: [98] } }, BodyKind.BODY_KIND_BINARY, 'b'],
    [{ status: 204 }, BodyKind.BODY_KIND_UNSPECIFIED, ''],
  ])('%o', (result, kind, body) => {
    const { response } = toResponse(result)
    expect([response.status, response.bodyKind, response.body.toString()]).toEqual([result.status, kind, body])
  })

  test('headers may repeat', () => {
    expect(
      toResponse({ status: 200, headers: { 'set-cookie': ['a=1', 'b=2'], 'x-n': 1, skip: undefined } }).response
        .headers,
    ).toEqual(['set-cookie', 'a=1', 'set-cookie', 'b=2', 'x-n', '1'])
  })

  test.each([
    undefined,
    null,
    'text',
    7,
    {},
    { status: 99 },
    { status: 'ok' },
    { status: 200.5 },
    { status: 200, headers: 3 },
  ])('%o is not a response', (result) => {
    expect(() => toResponse(result)).toThrow(MotiaError)
  })
})

describe('failures', () => {
  const as = (thrown: unknown) => toFailure(thrown, 'typescript', (stack) => stack)

  test('of errors and of anything that was thrown', () => {
    expect(as(new TypeError('bad'))).toMatchObject({
      type: 'TypeError',
      message: 'bad',
      kind: FailureKind.FAILURE_KIND_APPLICATION,
    })
    expect(as('text')).toMatchObject({ type: 'string', message: 'text' })
    expect(as({ code: 1 })).toMatchObject({ message: '{"code":1}' })
    expect(as(undefined)).toMatchObject({ type: 'undefined' })
  })

  test('say whether to try again', () => {
    expect(as(new TerminalError('no')).retry).toBe(Retry.RETRY_NEVER)
    expect(as(new RetryableError('later', { retryAfterSeconds: 1.5 }))).toMatchObject({
      retry: Retry.RETRY_AFTER,
      retryAfterMs: 1500,
    })
    class Own extends TerminalError {}
    expect(as(new Own('no')).retry).toBe(Retry.RETRY_NEVER)
    expect(new Error('x') instanceof TerminalError).toBe(false)
    expect(new RetryableError('x') instanceof TerminalError).toBe(false)
  })

  test('of errors that resist', () => {
    const hostile = new Error('x')
    Object.defineProperty(hostile, 'message', {
      get() {
        throw new Error('no')
      },
    })
    expect(as(hostile).message).toBe('an error that cannot be read')
    class CardDeclined extends Error {}
    expect(as(new CardDeclined('x')).type).toBe('CardDeclined')
  })

  test('keep their causes, but not without end', () => {
    const error: Error & { cause?: unknown } = new Error('outer')
    error.cause = error
    let depth = 0
    for (let failure = as(error); failure.cause !== undefined; failure = failure.cause) depth += 1
    expect(depth).toBe(7)
  })
})

describe('logger', () => {
  function logged(log: (logger: HandlerLogger) => void): { message: string; fields: unknown } {
    const records: LogRecord[] = []
    log(new HandlerLogger({ invocationId: 1, step: 's', traceId: 't' }, (record) => records.push(record)))
    const [record] = records
    return {
      message: record?.message ?? '',
      fields: record?.fields.length ? JSON.parse(record.fields.toString()) : undefined,
    }
  }

  test('takes anything and never throws', () => {
    const circular: Record<string, unknown> = { a: 1 }
    circular.self = circular
    expect(logged((logger) => logger.info('m', circular)).fields).toEqual({ a: 1, self: '[circular]' })
    expect(logged((logger) => logger.info('m', 'text')).fields).toEqual({ data: 'text' })
    expect(logged((logger) => logger.info('m', 3.5)).fields).toEqual({ data: 3.5 })
    expect(logged((logger) => logger.info('m', [1])).fields).toEqual({ data: [1] })
    expect(logged((logger) => logger.info('m', { n: 1n, f: () => 1 })).fields).toEqual({ n: '1', f: '[function f]' })
    expect(logged((logger) => logger.info({ a: 1 })).message).toBe('{"a":1}')
    const hostile = {
      get a(): never {
        throw new Error('no')
      },
    }
    expect(logged((logger) => logger.info('m', hostile)).fields).toEqual({ data: '[object Object]' })
  })

  test('the same object twice is not circular', () => {
    const shared = { x: 1 }
    expect(logged((logger) => logger.info('m', { a: shared, b: shared })).fields).toEqual({ a: { x: 1 }, b: { x: 1 } })
  })

  test('expands errors, nested ones as well', () => {
    const { fields } = logged((logger) => logger.error('m', { error: new TypeError('bad') }))
    expect(fields).toMatchObject({
      error: { name: 'TypeError', message: 'bad', stack: expect.stringContaining('bad') },
    })
    expect(logged((logger) => logger.error('m', new Error('x'))).fields).toMatchObject({ error: { message: 'x' } })
  })

  test('is filtered by LOG_LEVEL, whose default is info', () => {
    expect(logged((logger) => logger.debug('m')).message).toBe('')
  })
})

describe('operations of Motia 1.0', () => {
  test.each([
    [
      { type: 'set', path: 'a.b', value: 1 },
      { type: 'set', path: '/a.b', value: 1 },
    ],
    [
      { type: 'set', path: 'a/b~c', value: 1 },
      { type: 'set', path: '/a~1b~0c', value: 1 },
    ],
    [
      { type: 'merge', value: { a: 1 } },
      { type: 'merge', path: '', value: { a: 1 } },
    ],
    [
      { type: 'append', path: ['a', 'b'], value: 1 },
      { type: 'append', path: '/a/b', value: 1 },
    ],
    [
      { type: 'increment', path: 'n', by: 2 },
      { type: 'increment', path: '/n', by: 2 },
    ],
    [
      { type: 'decrement', path: 'n', by: 2 },
      { type: 'increment', path: '/n', by: -2 },
    ],
    [
      { type: 'decrement', path: 'n' },
      { type: 'increment', path: '/n', by: -1 },
    ],
    [
      { type: 'remove', path: 'n' },
      { type: 'remove', path: '/n' },
    ],
  ])('%j is %j', (op, own) => expect(toOwnOperations([op as UpdateOp])).toEqual([own]))
})
