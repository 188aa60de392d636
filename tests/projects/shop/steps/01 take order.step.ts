import { ApiRouteConfig, EventStepConfig, Handlers } from 'motia'
import { coreMiddleware } from '../middlewares/core.middleware'
import { Currency, Prices } from '../services/prices'

const prices = new Prices()
console.log('prices are open', prices.of('tea'))

export const config: ApiRouteConfig = {
  type: 'api',
  name: 'Take order',
  description: 'Takes an order',
  method: 'POST',
  path: '/orders',
  emits: [{ topic: 'order:taken', label: 'Taken', conditional: true }, 'order.unheard'],
  flows: ['shop'],
  middleware: [coreMiddleware],
  responseSchema: { 200: { error: 'string' } as never },
  virtualSubscribes: ['/orders'],
  includeFiles: ['../data/prices.json'],
}

export const handler: Handlers['Take order'] = async (req: any, { emit, logger, state, traceId }: any) => {
  if (!req.body.product) throw new Error('which product?')
  const total = prices.of(req.body.product) * (req.body.count ?? 1)
  await Promise.all([
    state.set('orders', traceId, { total, currency: Currency.Euro, user: req.tokenInfo.userId }),
    state.set('totals', 'last', total),
  ])
  logger.info('taken', 'as a text')
  logger.error('not an error', { error: new Error('shown with its stack') })
  emit({ topic: 'order:taken', data: { orderId: traceId, note: null } }) // nobody waits for it
  return { status: 200, body: { traceId, total } }
}
