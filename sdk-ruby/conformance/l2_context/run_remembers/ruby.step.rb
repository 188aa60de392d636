# frozen_string_literal: true

require 'motia'

def config
  { type: 'event', name: 'run ruby', subscribes: ['run.ruby'], emits: [] }
end

def handler(_input, context)
  pay = lambda do
    calls = context.state.update('run', 'ruby', [{ type: 'increment', path: '' }])
    { id: 'paid', calls: calls }
  end
  result = context.run('pay', &pay)
  again = context.run('pay', &pay)
  nothing = context.run('nothing') { nil }
  failed = begin
    context.run('flaky') { raise IOError, 'unreachable' if context.attempt == 1 } || ''
  rescue IOError => e
    e.message
  end
  entry = { n: context.attempt, result: result, nothing: nothing.nil? && again == result, failed: failed }
  context.state.set('journal-run-ruby', context.attempt, entry)
  raise Motia::RetryableError.new('again', retry_after: 0.05) if context.attempt == 1
end
