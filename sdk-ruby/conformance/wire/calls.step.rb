# frozen_string_literal: true

config = { type: 'event', name: 'WireCalls', subscribes: ['wire.calls'], emits: ['wire.done'] }

def handler(input, context)
  context.logger.info('wire')
  context.state.set('wire', 'value', input)
  value = context.state.get('wire', 'value')
  context.emit(topic: 'wire.done', data: value)
end
