export const config = { type: 'api', name: 'logger javascript', method: 'GET', path: '/javascript/logger', emits: [] }

export const handler = async (req, context) => {
  context.logger.info('info javascript', { n: 1, nested: { ü: true } })
  context.logger.warn('warn javascript')
  context.logger.error('error javascript', { error: new TypeError('boom javascript') })
  context.logger.debug('debug javascript')
  context.logger.info('plain javascript', 'text')
  return { status: 200, body: { trace: context.traceId } }
}
