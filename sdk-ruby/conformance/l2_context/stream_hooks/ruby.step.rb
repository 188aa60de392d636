# frozen_string_literal: true

def config
  { type: 'event', name: 'hooked ruby', subscribes: ['hooked.ruby'], emits: [] }
end

def handler(message, context)
  context.state.set('journal-hooked-ruby', 'said', { type: message.type, data: message.data })
end
