# frozen_string_literal: true

def config
  { type: 'api', name: 'state ruby', method: 'POST', path: '/ruby/state', emits: [] }
end

def handler(_req, context)
  state = context.state
  g = 'ruby-round-trip'
  state.clear(g)
  values = {
    'object' => { 'a' => [1, nil] }, 'array' => [1, '2'], 'string' => 's', 'number' => 1.5, 'zero' => 0, 'false' => false,
    'empty' => ''
  }
  body = {
    returned: values.map { |key, value| state.set(g, key, value) } == values.values,
    read: values.keys.map { |key| state.get(g, key) } == values.values,
    missing: state.get(g, 'missing').nil?,
    group: state.get_group(g).size,
    removed: state.delete(g, 'string'),
    again: state.delete(g, 'string').nil?,
    gone: state.get(g, 'string').nil?,
    cleared: state.clear(g).nil?,
    empty: state.get_group(g)
  }
  { status: 200, body: body }
end
