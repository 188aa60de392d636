export const config = {
  type: 'event',
  name: 'emit-schema heard javascript',
  subscribes: ['emit-schema-javascript'],
  emits: [],
  input: { type: 'object', properties: { n: { type: 'integer' } } },
}

export const handler = async (data, { state }) => {
  await state.set('journal-emit-schema-javascript', String(data.n), data)
}
