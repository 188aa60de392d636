import { RetryableError } from 'motia'

export const config = { type: 'event', name: 'run javascript', subscribes: ['run.javascript'], emits: [] }

export const handler = async (input, context) => {
  const { attempt, state, run } = context
  const pay = async () => ({ id: 'paid', calls: await state.update('run', 'javascript', [{ type: 'increment', path: '' }]) })
  const flaky = () => {
    if (attempt === 1) throw new Error('unreachable')
  }
  const result = await run('pay', pay)
  const again = await run('pay', pay)
  const nothing = ((await run('nothing', () => null)) ?? null) === null && again.calls === result.calls
  const failed = await run('flaky', flaky).then(() => '', (error) => error.message)
  await state.set('journal-run-javascript', String(attempt), { n: attempt, result, nothing, failed })
  if (attempt === 1) throw new RetryableError('again', { retryAfterSeconds: 0.05 })
}
