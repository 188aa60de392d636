import { enqueue, http, logger } from 'motia'

export const config = {
  name: 'JsReceive',
  description: 'Goods come in',
  triggers: [
    {
      ...http('POST', '/js/goods/:bay', {
        bodySchema: { type: 'object', properties: { sku: { type: 'string' }, count: { type: 'number' } } },
      }),
      condition: (request) => request.body.sku !== 'refused',
    },
  ],
  enqueues: ['js.received'],
  flows: ['warehouse'],
}

export const handler = async ({ request }, { traceId }) => {
  logger.info('goods in javascript', { bay: request.pathParams.bay })
  await enqueue({ topic: 'js.received', data: { ...request.body, bay: request.pathParams.bay } })
  return {
    status: 201,
    headers: { 'x-bay': request.pathParams.bay },
    body: { sku: request.body.sku, method: request.method, trace: traceId },
  }
}
