# frozen_string_literal: true

def config
  {
    name: 'triggers ruby',
    triggers: [
      { type: 'http', method: 'POST', path: '/ruby/triggers', condition: ->(request) { request.body.n.positive? } },
      { type: 'queue', topic: 'triggers-ruby' },
      { type: 'stream', streamName: 'triggers-ruby', groupId: 'seen' }
    ],
    enqueues: ['triggers-ruby']
  }
end

def note(context, data)
  entry = { kind: context.trigger.type, index: context.trigger.index, data: data }
  context.state.set('journal-triggers-ruby', context.trigger.type, entry)
end

def on_http(request, context)
  context.emit(topic: 'triggers-ruby', data: request.body)
  { status: 200, body: { kind: 'http', index: context.trigger.index, data: request.body } }
end

def on_queue(data, context)
  note(context, data)
  context.streams['triggers-ruby'].set('unseen', '1', data)
  context.streams['triggers-ruby'].set('seen', '1', data)
end

def on_stream(change, context)
  known = context.state.groups.include?('journal-triggers-ruby')
  note(context, { type: change.event.type, groups: context.streams['triggers-ruby'].groups, state: known })
end

def handler(given, context)
  context.match(
    given,
    http: ->(request) { on_http(request, context) }, queue: ->(data) { on_queue(data, context) },
    stream: ->(change) { on_stream(change, context) }
  )
end
