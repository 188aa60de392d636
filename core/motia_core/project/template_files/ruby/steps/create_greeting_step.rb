# frozen_string_literal: true

require 'securerandom'

# POST /greetings: takes the name of a person to greet.
config = {
  type: 'api', name: 'CreateGreeting', description: 'Takes the name of a person to greet',
  method: 'POST', path: '/greetings', emits: ['greeting.requested'], flows: ['greetings'],
  bodySchema: { type: 'object', properties: { name: { type: 'string', minLength: 1 } }, required: ['name'] }
}

def handler(req, context)
  id = SecureRandom.hex(4)
  context.emit(topic: 'greeting.requested', data: { id: id, name: req.body['name'] })
  context.logger.info('Greeting requested', id: id)
  { status: 202, body: { id: id } }
end
