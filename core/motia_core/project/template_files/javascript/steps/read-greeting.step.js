export const config = {
  type: 'api',
  name: 'ReadGreeting',
  description: 'Shows a greeting',
  method: 'GET',
  path: '/greetings/:id',
  emits: [],
  flows: ['greetings'],
}

export const handler = async (req, { state }) => {
  const found = await state.get('greetings', req.pathParams.id)
  if (!found) return { status: 404, body: { error: 'there is no such greeting' } }
  return { status: 200, body: found }
}
