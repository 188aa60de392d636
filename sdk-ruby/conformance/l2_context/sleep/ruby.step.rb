# frozen_string_literal: true

def config
  { type: 'event', name: 'sleep ruby', subscribes: ['sleep.ruby'], emits: [] }
end

def handler(input, context)
  count = ->(what) { context.state.update('sleep-ruby', what, [{ type: 'increment', path: '' }]) }
  starts = count.call('starts')
  runs = context.run('once') { count.call('runs') }
  context.sleep('500ms')
  context.sleep(0.5, key: 'named')
  context.state.set('journal-sleep-ruby', '1', { n: context.attempt, starts: starts, runs: runs, a: input.a })
end
