import { RetryableError } from 'motia'

export const config = { type: 'event', name: 'run typescript', subscribes: ['run.typescript'], emits: [] }

export const handler = async (input, context) => {
  const { attempt, state, run } = context
  const pay = async () => ({ id: 'paid', calls: await state.update('run', 'typescript', [{ type: 'increment', path: '' }]) })
  const flaky = () => {
    if (attempt === 1) throw new Error('unreachable')
  }
  const result = await run('pay', pay)
  const again = await run('pay', pay)
  const nothing = ((await run('nothing', () => null)) ?? null) === null && again.calls === result.calls
  const failed = await run('flaky', flaky).then(() => '', (error) => error.message)
  await state.set('journal-run-typescript', String(attempt), { n: attempt, result, nothing, failed })
  if (attempt === 1) throw new RetryableError('again', { retryAfterSeconds: 0.05 })
}
