export const config = { type: 'api', name: 'emit_options javascript', method: 'POST', path: '/javascript/emit_options', emits: [] }

export const handler = async (req, context) => {
  const emit = (n, what, options) =>
    context.emit({ topic: 'emit_options.once', data: { lang: 'javascript', n, what, emitted: Date.now() / 1000 }, ...options })
  await emit(1, 'once', { idempotencyKey: 'javascript', idempotencyWindow: '1h' })
  await emit(2, 'twice', { idempotencyKey: 'javascript' })
  await emit(3, 'delay', { delay: 1000 })
  await emit(4, 'at', { at: new Date(Date.now() + 1000) })
  for (const [what, priority] of [['first', 0], ['idle', -10], ['usual', 0], ['urgent', 10]]) {
    await context.emit({ topic: 'emit_options.order', data: { lang: 'javascript', what }, priority })
  }
  return { status: 200 }
}
