# frozen_string_literal: true

def config
  { type: 'api', name: 'groups ruby', method: 'POST', path: '/ruby/groups', emits: [] }
end

def handler(_req, context)
  state = context.state
  names = %w[ruby-a ruby-a:b ruby-a1]
  names.each do |group|
    state.clear(group)
    state.set(group, 'k', group)
  end
  groups = names.map { |group| state.get_group(group) }
  state.clear('ruby-a')
  { status: 200, body: { groups: groups, left: state.get_group('ruby-a:b') } }
end
