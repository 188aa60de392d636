import type { ApiRouteConfig, Handlers } from 'motia'
import { randomUUID } from 'node:crypto'

export const config: ApiRouteConfig = {
  type: 'api',
  name: 'SubmitExpense',
  description: 'Somebody wants their money back',
  method: 'POST',
  path: '/expenses',
  emits: ['expense.submitted'],
  flows: ['expenses'],
}

export const handler: Handlers['SubmitExpense'] = async (req, { emit, state }) => {
  const { employee, amount } = req.body as { employee: string; amount: number }
  const id = randomUUID().slice(0, 8)
  await state.set('expenses', id, { id, employee, amount, status: 'waiting for approval' })
  await emit({ topic: 'expense.submitted', data: { id, employee, amount } })
  return { status: 202, body: { id } }
}
