export const config = { type: 'event', name: 'emit_options once', subscribes: ['emit_options.once'], emits: [] }

export const handler = async ({ lang, n, what, emitted }, { state }) => {
  const isHeldBack = what === 'delay' || what === 'at'
  if (isHeldBack && Date.now() / 1000 < emitted + 0.95) await state.set(`journal-emit_options-early-${lang}`, what, { n })
  await state.set(`journal-emit_options-${lang}`, what, { n, what })
}
