export const config = {
  type: 'event',
  name: 'OrderedTypeScript',
  subscribes: ['ordered.typescript'],
  emits: [],
  atomic: true,
  infrastructure: { queue: { type: 'fifo', maxRetries: 1000, retryDelay: 0.05 } },
}

export const handler = async ({ key, number }: any, { state }: any) => {
  await state.update('ordered.typescript', key, [{ type: 'append', path: '', value: number }])
}
