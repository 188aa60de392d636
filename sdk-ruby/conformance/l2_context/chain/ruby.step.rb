# frozen_string_literal: true

def config
  { type: 'event', name: 'chain ruby', subscribes: ['chain.ruby'] }
end

def handler(input, context)
  context.state.set("journal-chain-#{input.run}", input.n, { n: input.n, lang: 'ruby', trace: context.trace_id })
  topic, *route = input.route
  context.emit(topic: topic, data: { **input, n: input.n + 1, route: route }) if topic
end
