# frozen_string_literal: true

def config
  { type: 'api', name: 'streams_update ruby', method: 'POST', path: '/ruby/streams_update', emits: [] }
end

def refused?(stream, group)
  stream.update(group, 'k', [{ type: 'set', path: '/x', value: 1 }, { type: 'append', path: '/text' }])
  false
rescue StandardError
  true
end

def voted(stream, group)
  stream.get_group(group).each { |item| stream.delete(group, item.id) }
  made = stream.update(group, 'k', [{ type: 'set', path: '/text', value: 'a' }, { type: 'increment', path: '/votes', by: 2 }])
  refused = refused?(stream, group)
  kept = !stream.get(group, 'k').key?('x')
  Array.new(40) { Thread.new { stream.update(group, 'k', [{ type: 'increment', path: '/votes' }]) } }.each(&:join)
  {
    made: { id: made.id, text: made.text, votes: made.votes, created: made['_createdAt'].is_a?(Integer) },
    refused: refused, kept: kept, votes: stream.get(group, 'k').votes,
    removed: stream.update(group, 'k', [{ type: 'remove', path: '' }]).nil?, gone: stream.get(group, 'k').nil?
  }
end

def handler(_req, context)
  stream = context.streams.board
  g = 'ruby-update'
  body = voted(stream, g)
  %w[1 2 3].each { |number| stream.set(g, number, { text: number }) }
  first = stream.list(g, limit: 2)
  second = stream.list(g, cursor: first.cursor, limit: 2)
  pages = [first, second].map { |page| page.items.map(&:id) }
  { status: 200, body: { **body, pages: pages, end: second.cursor, all: stream.list_all(g).map(&:id) } }
end
