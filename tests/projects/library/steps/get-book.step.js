export const config = {
  type: 'api',
  name: 'GetBook',
  flows: ['books'],
  method: 'GET',
  path: '/books/:isbn',
  emits: [],
  pathSchema: {
    type: 'object',
    properties: { isbn: { type: 'string', pattern: '^[0-9]{4,13}$', examples: ['9780141439587'] } },
    required: ['isbn'],
  },
  responseSchema: {
    200: {
      type: 'object',
      properties: { isbn: { type: 'string' }, title: { type: 'string' } },
      required: ['isbn', 'title'],
    },
    404: { type: 'object', properties: { error: { type: 'string' } }, required: ['error'] },
  },
}

export const handler = async (req, { state }) => {
  const book = await state.get('books', req.pathParams.isbn)
  return book ? { status: 200, body: book } : { status: 404, body: { error: 'there is no such book' } }
}
