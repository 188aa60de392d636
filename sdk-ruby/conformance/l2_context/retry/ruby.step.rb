# frozen_string_literal: true

require 'motia'

def config
  { type: 'event', name: 'retry ruby', subscribes: ['retry.ruby'], emits: [] }
end

def handler(_input, context)
  context.state.set('journal-retry-ruby', context.attempt, { n: context.attempt, max: context.max_attempts })
  raise Motia::RetryableError.new('not yet', retry_after: 0.05) if context.attempt < 3
end
