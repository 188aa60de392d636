# frozen_string_literal: true

def config
  { type: 'event', name: 'ShowJar', subscribes: ['tip.counted'], emits: [], flows: ['tip-jar'] }
end

def handler(counted, context)
  context.streams.jar.set('all', 'now', counted)
end
