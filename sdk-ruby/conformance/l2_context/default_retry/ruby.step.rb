# frozen_string_literal: true

def config
  { type: 'event', name: 'default retries ruby', subscribes: ['defaults.ruby'], emits: [] }
end

def handler(_input, context)
  context.state.set('journal-defaults-ruby', context.attempt, { n: context.attempt })
  raise 'first' if context.attempt < 2
end
