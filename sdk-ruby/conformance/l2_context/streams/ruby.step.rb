# frozen_string_literal: true

def config
  { type: 'api', name: 'streams ruby', method: 'POST', path: '/ruby/streams', emits: [] }
end

def handler(_req, context)
  stream = context.streams.board
  group = 'ruby-group'
  stream.getGroup(group).each { |item| stream.delete(group, item.id) }
  first = stream.set(group, '1', { text: 'a', id: 'other' })
  stream.set(group, '2', { text: 'b' })
  changed = stream.set(group, '1', { text: 'c' })
  items = stream.get_group(group)
  removed = stream.delete(group, '2')
  body = {
    first: { id: first.id, text: first.text, created: first['_createdAt'].is_a?(Integer) },
    same: first['_createdAt'] == changed['_createdAt'],
    items: items.map { |item| [item.id, item.text] },
    removed: removed.text,
    gone: stream.get(group, '2').nil?,
    again: stream.delete(group, '2').nil?,
    sent: stream.send({ groupId: group }, { type: 't', data: 1 }).nil?
  }
  { status: 200, body: body }
end
