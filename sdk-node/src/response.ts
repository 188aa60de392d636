/** What an api handler returned, as the frame that carries it. */

import { MotiaError } from './errors.js'
import { BodyKind, type HttpResponse } from './gen/motia/v1/invoke.js'
import { toJson } from './payload.js'
import { type Pieces, piecesOf } from './response-stream.js'

const NOTHING = Buffer.alloc(0)

/**
 * The response, and its body apart from it when that is to be streamed.
 *
 * @throws MotiaError (kind "bad_result") when it is not a response.
 */
export function toResponse(result: unknown): { response: HttpResponse; pieces?: Pieces } {
  if (result === undefined || result === null) throw bad(`the handler returned ${result}; return {status, body}`)
  if (typeof result !== 'object') throw bad(`the handler returned a ${typeof result}; return {status, body}`)
  const { status, headers, body } = result as { status?: unknown; headers?: unknown; body?: unknown }
  const code = typeof status === 'string' && /^\d{3}$/.test(status) ? Number(status) : status
  if (typeof code !== 'number' || !Number.isInteger(code) || code < 200 || code > 599) {
    throw bad(`status must be an integer from 200 to 599, the handler returned ${show(status)}`)
  }
  const head = { status: code, headers: headers == null ? [] : flatten(headers) }
  const pieces = piecesOf(body)
  if (pieces !== undefined) {
    return { response: { ...head, bodyKind: BodyKind.BODY_KIND_UNSPECIFIED, body: NOTHING }, pieces }
  }
  const [bodyKind, bytes] = toBody(body)
  return { response: { ...head, bodyKind, body: bytes } }
}

function toBody(body: unknown): [BodyKind, Buffer] {
  if (body === undefined) return [BodyKind.BODY_KIND_UNSPECIFIED, NOTHING]
  if (typeof body === 'string') return [BodyKind.BODY_KIND_TEXT, Buffer.from(body)]
  const bytes = toBytes(body)
  if (bytes !== undefined) return [BodyKind.BODY_KIND_BINARY, bytes]
  const text = toJson(body, 'the response body')
  if (text === undefined) throw bad(`the response body is a ${typeof body}, which is not JSON`)
  return [BodyKind.BODY_KIND_JSON, Buffer.from(text)]
}

function toBytes(body: unknown): Buffer | undefined {
  if (Buffer.isBuffer(body)) return body
  if (ArrayBuffer.isView(body)) return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (body instanceof ArrayBuffer) return Buffer.from(body)
  if (typeof body !== 'object' || body === null) return undefined
  const { type, data } = body as { type?: unknown; data?: unknown }
  // A Buffer that went through JSON on its way here.
  return type === 'Buffer' && Array.isArray(data) ? Buffer.from(data as number[]) : undefined
}

function flatten(headers: unknown): string[] {
  if (typeof headers !== 'object' || headers === null) throw bad('headers must be an object')
  const entries = headers instanceof Headers || headers instanceof Map ? headers.entries() : Object.entries(headers)
  const flat: string[] = []
  for (const [name, value] of entries as Iterable<[string, unknown]>) {
    if (value === undefined || value === null) continue
    for (const one of Array.isArray(value) ? value : [value]) flat.push(name, String(one))
  }
  return flat
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

function bad(message: string): MotiaError {
  return new MotiaError(message, 'bad_result')
}
