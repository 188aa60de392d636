export const config = { type: 'cron', name: 'cron typescript', cron: '0 0 1 1 *', emits: [] }

export const handler = async ({ state, attempt }) => {
  await state.set('journal-cron-typescript', 'run', { n: 1, attempt })
}
