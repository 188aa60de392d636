export const config = { type: 'api', name: 'look up', method: 'GET', path: '/packed/:traceId', emits: [], flows: ['shop'] }
export const handler = async (req, { state }) => {
  const packed = await state.get('packed', req.pathParams.traceId)
  return packed === null ? { status: 404, body: { error: 'not packed' } } : { status: 200, body: packed }
}
