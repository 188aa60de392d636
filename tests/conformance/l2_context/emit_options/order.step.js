export const config = { type: 'event', name: 'emit_options order', subscribes: ['emit_options.order'], emits: [], queue: { concurrency: 1 } }

export const handler = async ({ lang, what }, { state }) => {
  const { order } = (await state.get(`journal-emit_options-order-${lang}`, 'order')) ?? { order: [] }
  if (what === 'first') await new Promise((resolve) => setTimeout(resolve, 800)) // the others are there by then
  await state.set(`journal-emit_options-order-${lang}`, 'order', { n: 0, order: [...order, what] })
}
