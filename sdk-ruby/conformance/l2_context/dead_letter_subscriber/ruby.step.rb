# frozen_string_literal: true

def config
  { type: 'event', name: 'dead ruby', subscribes: ['dead.ruby'], emits: [], queue: { maxRetries: 1, retryDelay: 0.05 } }
end

def handler
  raise ArgumentError, 'broken'
end
