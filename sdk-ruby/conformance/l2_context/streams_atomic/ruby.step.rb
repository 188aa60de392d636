# frozen_string_literal: true

def config
  { type: 'event', name: 'streams_atomic ruby', subscribes: ['streams_atomic.ruby'], emits: [], atomic: true }
end

def handler(_data, context)
  stream = context.streams.board
  g = 'ruby-atomic'
  id = "a#{context.attempt}"
  before = stream.get_group(g).map(&:id)
  stream.set(g, id, { text: 'x' })
  updated = Array.new(2) { stream.update(g, id, [{ type: 'increment', path: '/votes' }]) }.last
  stream.send({ groupId: g }, { type: 'told', data: context.attempt })
  after = stream.get_group(g).map(&:id)
  seen = { attempt: context.attempt, before: before, after: after, updated: updated.votes }
  context.state.set('journal-streams_atomic-ruby', 'seen', seen)
  raise 'the first attempt fails' if context.attempt == 1
end
