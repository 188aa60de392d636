# frozen_string_literal: true

def config
  { type: 'api', name: 'state_ttl ruby', method: 'POST', path: '/ruby/state_ttl', emits: [] }
end

def handler(_req, context)
  state = context.state
  g = 'ruby-ttl'
  state.clear(g)
  state.set(g, 'stays', 1, ttl: 1)
  state.set(g, 'stays', 3)
  state.set(g, 'a', 1, ttl: '1s')
  state.compare_and_set(g, 'b', 0, 2, ttl: 1)
  keys = %w[a b stays]
  before = keys.map { |key| state.get(g, key) }
  sleep 1.1
  a, b, stays = keys.map { |key| state.get(g, key) }
  body = {
    before: before, after: [a.nil?, b.nil?, stays], group: state.get_group(g),
    keys: state.list(g).items.map { |item| item['key'] }, version: state.get_versioned(g, 'b').version,
    new: state.compare_and_set(g, 'b', 0, 1).ok
  }
  { status: 200, body: body }
end
