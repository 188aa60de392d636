// One at a time, in the order of the emits: what was declared comes last, so nothing else is still on its way.
export const config = {
  type: 'event',
  name: 'permission sink',
  subscribes: ['permission.allowed', 'permission.undeclared'],
  emits: [],
  infrastructure: { queue: { concurrency: 1 } },
}

export const handler = async ({ key }, { state }) => {
  await state.set(`journal-permission-${key.split('-')[0]}`, key, { n: 1, key })
}
