# frozen_string_literal: true

def config
  { type: 'event', name: 'delay ruby', subscribes: ['delay.ruby'], emits: [], infrastructure: { queue: { delaySeconds: 1 } } }
end

def handler(_input, context)
  context.state.set('journal-delay-ruby', '1', { n: 1 })
end
