export const config = {
  type: 'api',
  name: '{{Name}}',
  description: '',
  method: '{{METHOD}}',
  path: '{{path}}',
  emits: [],
  flows: ['{{flow}}'],
}

export const handler = async (req, { logger, traceId }) => {
  logger.info('{{Name}}', { params: req.pathParams })
  return { status: 200, body: { traceId } }
}
