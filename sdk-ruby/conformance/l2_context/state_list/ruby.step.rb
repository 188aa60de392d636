# frozen_string_literal: true

def config
  { type: 'api', name: 'state_list ruby', method: 'POST', path: '/ruby/state_list', emits: [] }
end

def handler(_req, context)
  state = context.state
  g = 'ruby-list'
  state.clear(g)
  state.set("#{g}-other", 'a:0', 0)
  state.set(g[0..-2], 'a:0', 0)
  { 'b:1' => 4, 'a:3' => false, 'a:1' => 1, 'a:2' => [2], 'é' => 5, '%' => 6 }.each { |key, value| state.set(g, key, value) }
  first = state.list(g, prefix: 'a:', limit: 2)
  second = state.list(g, prefix: 'a:', limit: 2, cursor: first.cursor)
  none = state.list(g, prefix: 'c')
  body = {
    first: first.items, second: second.items, ended: second.cursor.empty?,
    keys: state.list_all(g).map { |item| item['key'] }, none: [none.items, none.cursor]
  }
  { status: 200, body: body }
end
