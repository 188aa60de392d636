# frozen_string_literal: true

def config
  { type: 'event', name: 'note ruby', subscribes: ['note.ruby'] }
end

def handler(data, context)
  sleep 0.001
  change = [{ type: 'set', path: '/n', value: data.n }, { type: 'increment', path: '/times' }]
  context.state.update('journal-note-ruby', data.n, change)
end
