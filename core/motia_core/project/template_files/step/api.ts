import type { ApiRouteConfig, Handlers } from 'motia'

export const config: ApiRouteConfig = {
  type: 'api',
  name: '{{Name}}',
  description: '',
  method: '{{METHOD}}',
  path: '{{path}}',
  emits: [],
  flows: ['{{flow}}'],
}

export const handler: Handlers['{{Name}}'] = async (req, { logger, traceId }) => {
  logger.info('{{Name}}', { params: req.pathParams })
  return { status: 200, body: { traceId } }
}
