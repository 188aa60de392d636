export const config = { type: 'event', name: 'hooked typescript', subscribes: ['hooked.typescript'], emits: [] }

export const handler = async ({ type, data }: any, { state }: any) => {
  await state.set('journal-hooked-typescript', 'said', { type, data })
}
