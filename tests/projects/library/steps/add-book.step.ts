import { bookSchema, failureSchema, shownSchema } from './book'

export const config = {
  type: 'api',
  name: 'AddBook',
  description: 'Puts a book on the shelf',
  flows: ['books'],
  method: 'POST',
  path: '/books',
  emits: ['book.added'],
  bodySchema: bookSchema,
  responseSchema: { 201: shownSchema, 400: failureSchema, 409: failureSchema },
}

export const handler = async (req: any, { state, emit }: any) => {
  const { isbn, author } = req.body
  if (typeof isbn !== 'string' || !author) return { status: 400, body: { error: 'this is no book' } }
  if (await state.get('books', isbn)) return { status: 409, body: { error: 'there is one already' } }
  await state.set('books', isbn, req.body)
  await emit({ topic: 'book.added', data: { isbn, by: author.name } })
  return { status: 201, body: req.body }
}
