# frozen_string_literal: true

def config
  {
    type: 'api', name: 'socket_failures ruby', method: 'WEBSOCKET', path: '/ruby/socket_failures',
    message_schema: { type: 'object', properties: { n: { type: 'integer' } } }
  }
end

def handler(event, _context)
  return unless event.type == 'message'
  raise 'nothing is not enough' if event.data.n.zero?

  event.data
end
