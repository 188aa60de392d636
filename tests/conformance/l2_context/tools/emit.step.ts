export const config = { type: 'api', name: 'ToolsEmit', method: 'POST', path: '/tools/emit', emits: [] }

export const handler = async (req, { emit, traceId }) => {
  for (const event of req.body) await emit(event)
  return { status: 200, body: { traceId } }
}
