# frozen_string_literal: true

def config
  { type: 'api', name: 'state_update ruby', method: 'POST', path: '/ruby/state_update', emits: [] }
end

OPERATIONS = [
  { type: 'set', path: '/shop/open', value: true },
  { type: 'merge', path: '/shop', value: { name: 'x' } },
  { type: 'increment', path: '/shop/sold', by: 3 },
  { type: 'increment', path: '/shop/sold', by: -1 },
  { type: 'append', path: '/sales', value: 1 },
  { type: 'set', path: '/old', value: 1 },
  { type: 'remove', path: '/old' },
  { type: 'increment', path: '/a~1b', by: 0.5 }
].freeze

def refused?(state, group)
  state.update(group, 'k', [{ type: 'set', path: '/x', value: 1 }, { type: 'append', path: '/shop' }])
  false
rescue StandardError
  true
end

def handler(_req, context)
  state = context.state
  g = 'ruby-update'
  state.clear(g)
  changed = state.update(g, 'k', OPERATIONS)
  refused = refused?(state, g)
  kept = state.get(g, 'k') == changed
  Array.new(40) { Thread.new { state.update(g, 'n', [{ type: 'increment', path: '' }]) } }.each(&:join)
  body = {
    changed: changed, refused: refused, kept: kept, count: state.get(g, 'n'),
    removed: state.update(g, 'n', [{ type: 'remove', path: '' }]).nil?, gone: state.get(g, 'n').nil?
  }
  { status: 200, body: body }
end
