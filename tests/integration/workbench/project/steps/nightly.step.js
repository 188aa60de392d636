export const config = { type: 'cron', name: 'Nightly', cron: '0 3 * * *', emits: [], flows: ['bookings'] }

export const handler = async ({ state }) => {
  await state.set('reports', 'last', { done: true })
}
