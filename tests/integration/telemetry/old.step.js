import { SpanStatusCode, trace } from '@opentelemetry/api'
import { NodeTracerProvider } from 'sdk-trace-node-1'

const provider = new NodeTracerProvider()
provider.register()
const tracer = trace.getTracer('shop')

export const config = { type: 'api', name: 'OldOrder', method: 'POST', path: '/old-orders/:id', emits: [] }

export const handler = async ({ pathParams: { id } }, { state, logger }) => {
  await tracer.startActiveSpan('price', { attributes: { 'order.id': id } }, async (span) => {
    await tracer.startActiveSpan('discount', async (inner) => {
      inner.setStatus({ code: SpanStatusCode.ERROR, message: 'no such code' })
      inner.end()
    })
    span.end()
  })
  await state.set('orders', id, { id })
  logger.info('ordered', { id })
  return { status: 201, body: { id } }
}
