export const config = {
  type: 'api',
  name: 'ShowExpense',
  description: 'One expense and the books',
  method: 'GET',
  path: '/expenses/:id',
  emits: [],
  flows: ['expenses'],
}

export const handler = async (req, { state }) => {
  const expense = await state.get('expenses', req.pathParams.id)
  if (!expense) return { status: 404, body: { error: `there is no expense ${req.pathParams.id}` } }
  return { status: 200, body: { expense, books: await state.get('books', 'total') } }
}
