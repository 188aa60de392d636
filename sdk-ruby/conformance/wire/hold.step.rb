# frozen_string_literal: true

config = { type: 'event', name: 'WireHold', subscribes: ['wire.hold'], emits: [] }

def handler(_input, context)
  context.state.get('wire', 'gate')
end
