import { TerminalError } from 'motia'

export const config = { type: 'event', name: 'redriven typescript', subscribes: ['redriven.typescript'] }

export const handler = async (_data, { run, state }) => {
  const one = [{ type: 'increment', path: '' }]
  const result = await run('count', () => state.update('redriven', 'typescript', one))
  const times = await state.update('redriven', 'typescript deliveries', one)
  await state.set('journal-redriven-typescript', String(times), { n: times, result })
  if (times === 1) throw new TerminalError('not yet')
}
