# frozen_string_literal: true

def config
  { type: 'api', name: 'logger ruby', method: 'GET', path: '/ruby/logger', emits: [] }
end

def handler(_req, context)
  context.logger.info('info ruby', { n: 1, nested: { 'ü' => true } })
  context.logger.warn('warn ruby')
  context.logger.error('error ruby', error: ArgumentError.new('boom ruby'))
  context.logger.debug('debug ruby')
  context.logger.info('plain ruby', 'text')
  { status: 200, body: { trace: context.trace_id } }
end
