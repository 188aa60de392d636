# frozen_string_literal: true

count = lambda do |_event, context, following|
  context.state.update('socket-middleware-ruby', 'count', [{ type: 'increment', path: '' }])
  following.call
end

config = {
  type: 'api', name: 'socket middleware ruby', method: 'WEBSOCKET', path: '/ruby/socket-middleware', emits: [],
  middleware: [count]
}

def handler(event, context)
  case event.type
  when 'message' then context.state.get('socket-middleware-ruby', 'count').to_s
  when 'close' then context.state.clear('socket-middleware-ruby')
  end
end
