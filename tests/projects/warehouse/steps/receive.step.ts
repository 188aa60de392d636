import { enqueue, type Handlers, http, logger, type StepConfig } from 'motia'
import { z } from 'zod'

const goods = z.object({ sku: z.string(), count: z.number() })

export const config = {
  name: 'TsReceive',
  description: 'Goods come in',
  triggers: [
    http(
      'POST',
      '/ts/goods/:bay',
      { bodySchema: goods, responseSchema: { 201: z.object({ sku: z.string() }) } },
      (request) => request.body.sku !== 'refused',
    ),
  ],
  enqueues: ['ts.received'],
  flows: ['warehouse'],
} as const satisfies StepConfig

export const handler: Handlers<typeof config> = async ({ request }, { traceId }) => {
  logger.info('goods in typescript', { bay: request.pathParams.bay })
  await enqueue({ topic: 'ts.received', data: { ...request.body, bay: request.pathParams.bay } })
  return {
    status: 201,
    headers: { 'x-bay': request.pathParams.bay },
    body: { sku: request.body.sku, method: request.method, trace: traceId },
  }
}
