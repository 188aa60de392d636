# frozen_string_literal: true

# Writes the greeting and keeps it.
config = {
  type: 'event', name: 'WriteGreeting', description: 'Writes the greeting and keeps it',
  subscribes: ['greeting.requested'], emits: [], flows: ['greetings'],
  input: {
    type: 'object', properties: { id: { type: 'string' }, name: { type: 'string' } }, required: %w[id name]
  }
}

def handler(request, context)
  text = "#{ENV.fetch('GREETING', 'Hello')}, #{request['name']}!"
  context.state.set('greetings', request['id'], { id: request['id'], text: text })
  context.logger.info(text, id: request['id'])
end
