import { SpanStatusCode, trace } from '@opentelemetry/api'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'

const provider = new NodeTracerProvider()
provider.register()
const tracer = trace.getTracer('shop')

export const config = { type: 'api', name: 'Order', method: 'POST', path: '/orders/:id', emits: ['ordered'] }

export const handler = async ({ pathParams: { id } }, { emit, state, logger }) => {
  await tracer.startActiveSpan('price', { attributes: { 'order.id': id } }, async (span) => {
    await tracer.startActiveSpan('discount', async (inner) => {
      inner.setStatus({ code: SpanStatusCode.ERROR, message: 'no such code' })
      inner.end()
    })
    span.end()
  })
  await state.set('orders', id, { id })
  logger.info('ordered', { id })
  await emit({ topic: 'ordered', data: { id } })
  return { status: 201, body: { id } }
}
