export const config = { type: 'api', name: 'odd-emits', method: 'POST', path: '/odd', emits: ['order:taken'], flows: ['shop'] }

export const handler = async (_req: any, { emit, state }: any) => {
  await emit({ type: 'order:taken', data: {} }) // no topic
  await emit('order:taken', { orderId: 'x' }) // two arguments
  await emit({ topic: 'never.declared', data: {} })
  return { status: 200, body: { missing: await state.get('orders', 'none'), group: await state.getGroup('none') } }
}
