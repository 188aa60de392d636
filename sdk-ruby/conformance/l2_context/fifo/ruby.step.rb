# frozen_string_literal: true

def config
  { type: 'event', name: 'fifo ruby', subscribes: ['fifo.ruby'], emits: [], infrastructure: { queue: { type: 'fifo' } } }
end

def handler(input, context)
  order = context.state.get('fifo', "ruby-#{input.group}") || []
  sleep 0.02 if input.n.odd?
  context.state.set('fifo', "ruby-#{input.group}", [*order, input.n])
  context.state.set('journal-fifo-ruby', input.group, { n: input.group.ord, order: [*order, input.n] })
end
