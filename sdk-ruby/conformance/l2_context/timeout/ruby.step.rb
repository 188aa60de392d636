# frozen_string_literal: true

def config
  { type: 'event', name: 'timeout ruby', subscribes: ['timeout.ruby'], emits: [], infrastructure: { handler: { timeout: 1 }, queue: { maxRetries: 0 } } }
end

def handler(_input, context)
  sleep 30
ensure
  context.logger.info('timeout ruby: the signal came') if context.signal.cancelled?
end
