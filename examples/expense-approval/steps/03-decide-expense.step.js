export const config = {
  type: 'api',
  name: 'DecideExpense',
  description: 'The boss says yes or no',
  method: 'POST',
  path: '/expenses/:id/decision',
  emits: ['expense.decided'],
  flows: ['expenses'],
}

export const handler = async (req, { emit }) => {
  const { approved, by } = req.body
  await emit({ topic: 'expense.decided', data: { id: req.pathParams.id, approved: approved === true, by } })
  return { status: 202, body: { decided: true } }
}
