/** What a handler threw, as the frame that carries it. */

import { MotiaError, RetryableError, TerminalError } from './errors.js'
import { type Failure, FailureKind, Retry } from './gen/motia/v1/failure.js'
import { InputError } from './parsing.js'
import { toJson } from './payload.js'

const LONGEST_STACK = 16 * 1024 // bytes, as all of these
const LONGEST_MESSAGE = 16 * 1024
const DEEPEST_CAUSE = 8
const MOST_DETAILS = 16 * 1024
const NOT_DETAILS = new Set(['name', 'message', 'stack', 'cause', 'retryAfterMs']) // have fields of their own
const EMPTY = Buffer.alloc(0)

const KINDS: Record<string, FailureKind> = {
  schema: FailureKind.FAILURE_KIND_SCHEMA,
  bad_result: FailureKind.FAILURE_KIND_BAD_RESULT,
  load_error: FailureKind.FAILURE_KIND_LOAD_ERROR,
  payload_too_large: FailureKind.FAILURE_KIND_PAYLOAD_TOO_LARGE,
  timeout: FailureKind.FAILURE_KIND_TIMEOUT,
  cancelled: FailureKind.FAILURE_KIND_CANCELLED,
}

/** Never throws, whatever was thrown. */
export function toFailure(thrown: unknown, language: string, trimStack: (stack: string) => string): Failure {
  try {
    return describe(thrown, language, trimStack, 1)
  } catch {
    return describe('an error that cannot be read', language, trimStack, 1)
  }
}

function describe(thrown: unknown, language: string, trimStack: (stack: string) => string, depth: number): Failure {
  const failure: Failure = {
    kind: FailureKind.FAILURE_KIND_APPLICATION,
    type: '',
    message: '',
    stack: '',
    language,
    retry: Retry.RETRY_UNSPECIFIED,
    retryAfterMs: 0,
    details: EMPTY,
  }
  if (!(thrown instanceof Error)) {
    failure.type = thrown === null ? 'null' : typeof thrown
    failure.message = cut(text(thrown), LONGEST_MESSAGE)
    failure.details = details(thrown)
    return failure
  }
  const given = thrown.name || 'Error'
  failure.type = given === 'Error' ? (thrown.constructor?.name ?? given) : given
  failure.message = cut(String(thrown.message), LONGEST_MESSAGE)
  failure.stack = cut(trimStack(String(thrown.stack ?? '')), LONGEST_STACK)
  if (thrown instanceof MotiaError) failure.kind = KINDS[thrown.kind] ?? failure.kind
  if (thrown instanceof TerminalError || thrown instanceof InputError) failure.retry = Retry.RETRY_NEVER
  if (thrown instanceof RetryableError) {
    failure.retry = Retry.RETRY_AFTER
    if (thrown.retryAfterMs !== undefined) failure.retryAfterMs = Math.max(1, thrown.retryAfterMs) // 0: as the policy says
  }
  failure.details = details(thrown)
  if (thrown.cause !== undefined && depth < DEEPEST_CAUSE) {
    failure.cause = describe(thrown.cause, language, trimStack, depth + 1)
  }
  return failure
}

/** At most so many bytes of a text; what is too much is cut from its middle. */
function cut(text: string, most: number): string {
  if (text.length * 3 <= most) return text
  const bytes = Buffer.from(text)
  if (bytes.length <= most) return text
  const half = most / 2 - 8
  const [start, end] = [bytes.subarray(0, half), bytes.subarray(bytes.length - half)]
  return `${start.toString().replace(/\ufffd+$/, '')}\n…\n${end.toString().replace(/^\ufffd+/, '')}`
}

/** What the error's own properties say, as far as they are JSON and there is room. */
function details(thrown: unknown): Buffer {
  if (typeof thrown !== 'object' || thrown === null || Array.isArray(thrown)) return EMPTY
  const members: string[] = []
  let room = MOST_DETAILS - 2 // the braces
  for (const key of Object.keys(thrown)) {
    if (NOT_DETAILS.has(key) && thrown instanceof Error) continue
    const member = detail(thrown as Record<string, unknown>, key)
    const bytes = Buffer.byteLength(member) + 1 // its comma
    if (member === '' || bytes > room) continue
    members.push(member)
    room -= bytes
  }
  return members.length === 0 ? EMPTY : Buffer.from(`{${members.join(',')}}`)
}

function detail(thrown: Record<string, unknown>, key: string): string {
  try {
    const value = toJson(thrown[key], key)
    return value === undefined ? '' : `${JSON.stringify(key)}:${value}`
  } catch {
    return '' // not JSON, or a getter that threw
  }
}

function text(value: unknown): string {
  try {
    return typeof value === 'object' ? (JSON.stringify(value) ?? String(value)) : String(value)
  } catch {
    return 'a value that cannot be shown'
  }
}
