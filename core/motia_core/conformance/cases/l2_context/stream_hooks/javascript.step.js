export const config = { type: 'event', name: 'hooked javascript', subscribes: ['hooked.javascript'], emits: [] }

export const handler = async ({ type, data }, { state }) => {
  await state.set('journal-hooked-javascript', 'said', { type, data })
}
