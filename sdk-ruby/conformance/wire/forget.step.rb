# frozen_string_literal: true

config = { type: 'event', name: 'WireForget', subscribes: ['wire.forget'], emits: ['wire.done'] }

def handler(_input, context)
  Thread.new { context.emit(topic: 'wire.done', data: {}) }
  sleep 0.05 # a thread that has not begun its call is nobody's
end
