# frozen_string_literal: true

config = { type: 'event', name: 'WireSlow', subscribes: ['wire.slow'], emits: [] }

def handler(input, _context)
  puts 'wire: slow'
  sleep(input['ms'] / 1000.0)
end
