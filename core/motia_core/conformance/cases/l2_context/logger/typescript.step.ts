export const config = { type: 'api', name: 'logger typescript', method: 'GET', path: '/typescript/logger', emits: [] }

export const handler = async (req, context) => {
  context.logger.info('info typescript', { n: 1, nested: { ü: true } })
  context.logger.warn('warn typescript')
  context.logger.error('error typescript', { error: new TypeError('boom typescript') })
  context.logger.debug('debug typescript')
  context.logger.info('plain typescript', 'text')
  return { status: 200, body: { trace: context.traceId } }
}
