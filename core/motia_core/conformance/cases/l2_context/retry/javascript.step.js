import { RetryableError } from 'motia'

export const config = { type: 'event', name: 'retry javascript', subscribes: ['retry.javascript'], emits: [] }

export const handler = async (input, context) => {
  await context.state.set('journal-retry-javascript', String(context.attempt), { n: context.attempt, max: context.maxAttempts })
  if (context.attempt < 3) throw new RetryableError('not yet', { retryAfterSeconds: 0.05 })
}
