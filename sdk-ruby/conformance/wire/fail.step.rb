# frozen_string_literal: true

config = { type: 'event', name: 'WireFail', subscribes: ['wire.fail'], emits: [] }

def handler
  raise ArgumentError, 'wire: no'
end
