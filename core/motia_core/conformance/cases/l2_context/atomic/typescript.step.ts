import { RetryableError } from 'motia'

export const config = { type: 'event', name: 'atomic typescript', subscribes: ['atomic.typescript'], emits: [], atomic: true }

export const handler = async (input, { attempt: n, emit, state }) => {
  await emit({ topic: 'atomic.sink', data: { lang: 'typescript', n: n * 10 } })
  await state.set('journal-atomic-typescript', `attempt ${n}`, { n })
  const count = await state.update('atomic', 'typescript', [{ type: 'increment', path: '' }])
  const sees = await state.get('journal-atomic-typescript', `attempt ${n}`)
  if (n === 1) throw new RetryableError('again', { retryAfterSeconds: 0.05 })
  await state.set('journal-atomic-typescript', 'count', { n: 5, count, sees: sees.n })
}
