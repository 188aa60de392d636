import { shownSchema } from './book'

export const config = {
  type: 'api',
  name: 'ListBooks',
  description: 'The books on the shelf',
  flows: ['books'],
  method: 'GET',
  path: '/books',
  emits: [],
  querySchema: {
    type: 'object',
    properties: {
      limit: { type: 'integer', minimum: 1, maximum: 50, default: 10, description: 'How many at most.' },
      tag: { type: 'array', items: { type: 'string' }, maxItems: 5 },
    },
  },
  queryParams: [{ name: 'author', description: 'Only hers' }],
  responseSchema: { 200: { type: 'array', items: shownSchema, definitions: shownSchema.definitions } },
}

export const handler = async (req: any, { state }: any) => {
  const { limit, author } = req.queryParams
  const books = await state.getGroup('books')
  const found = author === undefined ? books : books.filter((book: any) => book.author.name === author)
  return { status: 200, body: found.slice(0, Number(limit) || 10) }
}
