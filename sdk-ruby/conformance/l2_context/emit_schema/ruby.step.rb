# frozen_string_literal: true

require 'motia'

def config
  { type: 'api', name: 'emit-schema ruby', method: 'GET', path: '/ruby/emit-schema', emits: ['emit-schema-ruby'] }
end

def handler(_req, context)
  context.emit(topic: 'emit-schema-ruby', data: { n: 1 })
  context.emit(topic: 'emit-schema-ruby', data: { n: 'two' })
  { status: 200, body: { refused: false } }
rescue Motia::CallError => e
  { status: 200, body: { refused: e.message.include?('violates the input schema') } }
end
