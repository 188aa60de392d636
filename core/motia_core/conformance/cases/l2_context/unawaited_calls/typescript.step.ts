export const config = { type: 'api', name: 'unawaited typescript', method: 'POST', path: '/typescript/unawaited', emits: [] }

export const handler = async (req, context) => {
  context.emit({ topic: 'unawaited.sink', data: 'typescript' })
  context.state.set('journal-unawaited-typescript', 'state', { n: 1 })
  return { status: 200, body: { ok: true } }
}
