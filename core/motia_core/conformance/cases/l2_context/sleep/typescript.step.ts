export const config = { type: 'event', name: 'sleep typescript', subscribes: ['sleep.typescript'], emits: [] }

export const handler = async (input, context) => {
  const count = (what) => context.state.update('sleep-typescript', what, [{ type: 'increment', path: '' }])
  const starts = await count('starts')
  const runs = await context.run('once', () => count('runs'))
  await context.sleep('500ms')
  await context.sleep(500, { key: 'named' })
  await context.state.set('journal-sleep-typescript', '1', { n: context.attempt, starts, runs, a: input.a })
}
