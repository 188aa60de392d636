# frozen_string_literal: true

require 'motia'

def config
  { type: 'event', name: 'atomic ruby', subscribes: ['atomic.ruby'], emits: [], atomic: true }
end

def handler(_input, context)
  n = context.attempt
  state = context.state
  context.emit(topic: 'atomic.sink', data: { lang: 'ruby', n: n * 10 })
  state.set('journal-atomic-ruby', "attempt #{n}", { n: n })
  count = state.update('atomic', 'ruby', [{ type: 'increment', path: '' }])
  sees = state.get('journal-atomic-ruby', "attempt #{n}")
  raise Motia::RetryableError.new('again', retry_after: 0.05) if n == 1

  state.set('journal-atomic-ruby', 'count', { n: 5, count: count, sees: sees.n })
end
