export const config = { type: 'event', name: 'unawaited sink', subscribes: ['unawaited.sink'], emits: [] }

export const handler = async (lang, { state }) => {
  await state.set(`journal-unawaited-${lang}`, 'event', { n: 2 })
}
