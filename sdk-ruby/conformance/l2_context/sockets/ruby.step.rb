# frozen_string_literal: true

def config
  { type: 'api', name: 'socket ruby', method: 'WEBSOCKET', path: '/ruby/socket/:id', emits: [] }
end

def handler(event, context)
  name = event.pathParams.id
  if event.type != 'message'
    return { status: 403, body: {} } if name == 'no'

    number = event.type == 'connect' ? 1 : 2
    context.state.set('journal-socket-ruby', number, { n: number, type: event.type })
    return nil
  end
  case event.data
  when 'json' then { n: 1 }
  when 'quiet' then nil
  when 'twice'
    context.sockets.send(event.connectionId, 'one')
    'two'
  else "#{event.data} from #{name} with #{event.queryParams.a}"
  end
end
