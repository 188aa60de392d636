export const config = { type: 'event', name: 'sleep javascript', subscribes: ['sleep.javascript'], emits: [] }

export const handler = async (input, context) => {
  const count = (what) => context.state.update('sleep-javascript', what, [{ type: 'increment', path: '' }])
  const starts = await count('starts')
  const runs = await context.run('once', () => count('runs'))
  await context.sleep('500ms')
  await context.sleep(500, { key: 'named' })
  await context.state.set('journal-sleep-javascript', '1', { n: context.attempt, starts, runs, a: input.a })
}
