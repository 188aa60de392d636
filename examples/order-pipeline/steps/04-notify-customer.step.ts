import type { EventConfig, Handlers } from 'motia'
import { z } from 'zod'

export const config: EventConfig = {
  type: 'event',
  name: 'NotifyCustomer',
  description: 'Tells the customer what the order costs',
  subscribes: ['insights.ready'],
  input: z.object({ id: z.string(), customer: z.string(), total: z.number() }),
  emits: [],
  virtualEmits: ['courier.called'],
  flows: ['orders'],
}

export const handler: Handlers['NotifyCustomer'] = async ({ id, customer, total }, { logger, state }) => {
  const order = await state.get<Record<string, unknown>>('orders', id)
  await state.set('orders', id, { ...order, status: 'confirmed' })
  logger.info(`Dear ${customer}, your order ${id} comes to ${total.toFixed(2)} €`)
}
