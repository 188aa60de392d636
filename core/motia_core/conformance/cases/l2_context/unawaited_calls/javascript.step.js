export const config = { type: 'api', name: 'unawaited javascript', method: 'POST', path: '/javascript/unawaited', emits: [] }

export const handler = async (req, context) => {
  context.emit({ topic: 'unawaited.sink', data: 'javascript' })
  context.state.set('journal-unawaited-javascript', 'state', { n: 1 })
  return { status: 200, body: { ok: true } }
}
