# frozen_string_literal: true

def config
  { type: 'event', name: 'watcher ruby', watches: { stream: 'board', group: 'ruby-watched' } }
end

def handler(change, context)
  entry = { n: 1, type: change.event.type, text: change.event.data.text }
  context.state.set('journal-watches-ruby', change.id, entry)
end
