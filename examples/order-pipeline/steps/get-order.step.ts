import type { ApiRouteConfig, Handlers } from 'motia'

export const config: ApiRouteConfig = {
  type: 'api',
  name: 'GetOrder',
  method: 'GET',
  path: '/orders/:id',
  emits: [],
  flows: ['orders'],
}

export const handler: Handlers['GetOrder'] = async (req, { state }) => {
  const order = await state.get('orders', req.pathParams.id)
  return order ? { status: 200, body: order } : { status: 404, body: { error: `There is no order ${req.pathParams.id}` } }
}
