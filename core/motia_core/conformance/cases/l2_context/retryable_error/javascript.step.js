import { RetryableError } from 'motia'

export const config = { type: 'event', name: 'retryable javascript', subscribes: ['retryable.javascript'], emits: [], queue: { maxRetries: 2, retryDelay: 600 } }

export const handler = async (input, { attempt: n, maxAttempts, state }) => {
  await state.set('journal-retryable-javascript', String(n), { n, max: maxAttempts })
  throw new RetryableError(`busy ${n}`, { retryAfter: n === 1 ? '250ms' : 100 })
}
