# frozen_string_literal: true

def config
  { type: 'api', name: 'cas ruby', method: 'POST', path: '/ruby/state_compare_and_set', emits: [] }
end

def count(state, group)
  loop do
    found = state.get_versioned(group, 'n')
    return if state.compare_and_set(group, 'n', found.version, (found['value'] || 0) + 1).ok
  end
end

def handler(_req, context)
  state = context.state
  g = 'ruby-cas'
  state.clear(g)
  missing = state.get_versioned(g, 'k')
  first = state.compare_and_set(g, 'k', 0, 1)
  again = state.compare_and_set(g, 'k', 0, 5)
  read = state.get_versioned(g, 'k')
  second = state.compareAndSet(g, 'k', read.version, 2)
  late = state.compare_and_set(g, 'k', first.version, 9)
  Array.new(20) { Thread.new { count(state, g) } }.each(&:join)
  body = {
    missing: [missing['value'].nil?, missing.version], first: first.ok, again: [again.ok, again.version == first.version],
    read: [read['value'], read.version == first.version], second: second.ok, late: late.ok,
    value: state.get(g, 'k'), counted: state.get(g, 'n')
  }
  { status: 200, body: body }
end
