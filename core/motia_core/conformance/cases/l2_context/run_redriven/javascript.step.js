import { TerminalError } from 'motia'

export const config = { type: 'event', name: 'redriven javascript', subscribes: ['redriven.javascript'] }

export const handler = async (_data, { run, state }) => {
  const one = [{ type: 'increment', path: '' }]
  const result = await run('count', () => state.update('redriven', 'javascript', one))
  const times = await state.update('redriven', 'javascript deliveries', one)
  await state.set('journal-redriven-javascript', String(times), { n: times, result })
  if (times === 1) throw new TerminalError('not yet')
}
