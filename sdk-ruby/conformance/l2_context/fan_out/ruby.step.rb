# frozen_string_literal: true

def config
  { type: 'event', name: 'fan ruby', subscribes: ['fan.ruby'], emits: [] }
end

def handler(input, context)
  context.state.set("journal-fan-#{input.to}", "a #{context.trace_id}", { n: 1, who: 'a', data: input.list })
end
