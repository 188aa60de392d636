export const config = { type: 'event', name: 'permission sink', subscribes: ['permission.allowed', 'permission.undeclared'], emits: [] }

export const handler = async ({ key }, { state }) => {
  await state.set(`journal-permission-${key.split('-')[0]}`, key, { n: 1, key })
}
