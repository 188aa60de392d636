# frozen_string_literal: true

require 'motia'

def config
  { type: 'event', name: 'retryable ruby', subscribes: ['retryable.ruby'], emits: [], queue: { maxRetries: 2, retryDelay: 600 } }
end

def handler(_input, context)
  n = context.attempt
  context.state.set('journal-retryable-ruby', n, { n: n, max: context.max_attempts })
  raise Motia::RetryableError.new("busy #{n}", retry_after: n == 1 ? '250ms' : 0.1)
end
