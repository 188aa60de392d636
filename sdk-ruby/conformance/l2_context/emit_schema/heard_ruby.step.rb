# frozen_string_literal: true

def config
  {
    type: 'event', name: 'emit-schema heard ruby', subscribes: ['emit-schema-ruby'], emits: [],
    input: { type: 'object', properties: { n: { type: 'integer' } } }
  }
end

def handler(data, context)
  context.state.set('journal-emit-schema-ruby', data.n, data)
end
