# frozen_string_literal: true

require 'motia'

def config
  { type: 'event', name: 'redriven ruby', subscribes: ['redriven.ruby'] }
end

def handler(_data, context)
  increment = [{ type: 'increment', path: '' }]
  result = context.run('count') { context.state.update('redriven', 'ruby', increment) }
  times = context.state.update('redriven', 'ruby deliveries', increment)
  context.state.set('journal-redriven-ruby', times, { n: times, result: result })
  raise Motia::TerminalError, 'not yet' if times == 1
end
