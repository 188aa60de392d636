export const config = { type: 'event', name: 'atomic sink', subscribes: ['atomic.sink'], emits: [] }

export const handler = async ({ lang, n }, { state }) => {
  await state.set(`journal-atomic-${lang}`, `event ${n}`, { n })
}
