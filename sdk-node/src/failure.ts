/** What a handler threw, as the frame that carries it. */

import { MotiaError, RetryableError, TerminalError } from './errors.js'
import { type Failure, FailureKind, Retry } from './gen/motia/v1/failure.js'

const LONGEST_STACK = 16 * 1024
const DEEPEST_CAUSE = 8
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
    failure.message = text(thrown)
    return failure
  }
  const given = thrown.name || 'Error'
  failure.type = given === 'Error' ? (thrown.constructor?.name ?? given) : given
  failure.message = String(thrown.message)
  failure.stack = trimStack(String(thrown.stack ?? '')).slice(0, LONGEST_STACK)
  if (thrown instanceof MotiaError) failure.kind = KINDS[thrown.kind] ?? failure.kind
  if (thrown instanceof TerminalError) failure.retry = Retry.RETRY_NEVER
  if (thrown instanceof RetryableError) {
    failure.retry = Retry.RETRY_AFTER
    failure.retryAfterMs = Math.max(0, Math.round((thrown.retryAfterSeconds ?? 0) * 1000))
  }
  if (thrown.cause !== undefined && depth < DEEPEST_CAUSE) {
    failure.cause = describe(thrown.cause, language, trimStack, depth + 1)
  }
  return failure
}

function text(value: unknown): string {
  try {
    return typeof value === 'object' ? (JSON.stringify(value) ?? String(value)) : String(value)
  } catch {
    return 'a value that cannot be shown'
  }
}
