import type { ApiRouteConfig, Handlers } from 'motia'
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { errors } from '../middlewares/errors.middleware'

const order = z.object({
  customer: z.string().min(1),
  items: z.array(z.object({ product: z.string(), quantity: z.number().int().positive() })).min(1),
})

export const config: ApiRouteConfig = {
  type: 'api',
  name: 'CreateOrder',
  description: 'Receives an order and starts the pipeline',
  method: 'POST',
  path: '/orders',
  bodySchema: order,
  responseSchema: { 202: z.object({ id: z.string(), traceId: z.string() }) },
  emits: ['order.received'],
  flows: ['orders'],
  middleware: [errors],
}

export const handler: Handlers['CreateOrder'] = async (req, { emit, logger, state, traceId }) => {
  const { customer, items } = order.parse(req.body)
  const id = randomUUID().slice(0, 8)

  await state.set('orders', id, { id, customer, items, status: 'received' })
  await emit({ topic: 'order.received', data: { id, customer, items } })

  logger.info('Order received', { id, customer })
  return { status: 202, body: { id, traceId } }
}
