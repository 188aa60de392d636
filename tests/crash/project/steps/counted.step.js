export const config = { type: 'event', name: 'Counted', subscribes: ['counted'], emits: [], atomic: true }

export const handler = async ({ n }, { state }) => {
  const times = (await state.get('counted', `${n}`)) ?? 0
  await state.set('counted', `${n}`, times + 1)
}
