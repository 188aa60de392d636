export const config = {
  type: 'api',
  name: 'RemoveBook',
  flows: ['books'],
  method: 'DELETE',
  path: '/books/:id',
  emits: [],
  responseSchema: { 204: { type: 'null' } },
}

export const handler = async (req, { state }) => {
  await state.delete('books', req.pathParams.id)
  return { status: 204 }
}
