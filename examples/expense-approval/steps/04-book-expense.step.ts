import type { EventConfig, Handlers } from 'motia'

/** Atomic: the sums change exactly once for each expense, however often the step is tried. */
export const config: EventConfig = {
  type: 'event',
  name: 'BookExpense',
  description: 'Adds a paid expense to the books',
  subscribes: ['expense.paid'],
  emits: [],
  flows: ['expenses'],
  atomic: true,
}

export const handler: Handlers['BookExpense'] = async ({ employee, amount }, { state }) => {
  const sum = [
    { type: 'increment' as const, path: '/count' },
    { type: 'increment' as const, path: '/amount', by: amount },
  ]
  await state.update('books', 'total', sum)
  await state.update('books', employee, sum)
}
