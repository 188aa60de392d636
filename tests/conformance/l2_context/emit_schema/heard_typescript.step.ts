export const config = {
  type: 'event',
  name: 'emit-schema heard typescript',
  subscribes: ['emit-schema-typescript'],
  emits: [],
  input: { type: 'object', properties: { n: { type: 'integer' } } },
}

export const handler = async (data, { state }) => {
  await state.set('journal-emit-schema-typescript', String(data.n), data)
}
