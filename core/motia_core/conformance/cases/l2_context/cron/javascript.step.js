export const config = { type: 'cron', name: 'cron javascript', cron: '0 0 1 1 *', emits: [] }

export const handler = async ({ state, attempt }) => {
  await state.set('journal-cron-javascript', 'run', { n: 1, attempt })
}
