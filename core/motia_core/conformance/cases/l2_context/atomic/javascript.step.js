import { RetryableError } from 'motia'

export const config = { type: 'event', name: 'atomic javascript', subscribes: ['atomic.javascript'], emits: [], atomic: true }

export const handler = async (input, { attempt: n, emit, state }) => {
  await emit({ topic: 'atomic.sink', data: { lang: 'javascript', n: n * 10 } })
  await state.set('journal-atomic-javascript', `attempt ${n}`, { n })
  const count = await state.update('atomic', 'javascript', [{ type: 'increment', path: '' }])
  const sees = await state.get('journal-atomic-javascript', `attempt ${n}`)
  if (n === 1) throw new RetryableError('again', { retryAfterSeconds: 0.05 })
  await state.set('journal-atomic-javascript', 'count', { n: 5, count, sees: sees.n })
}
