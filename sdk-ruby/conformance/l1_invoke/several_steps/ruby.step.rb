# frozen_string_literal: true

def config
  { type: 'api', name: 'several ruby', method: 'GET', path: '/ruby/several', emits: [] }
end

def handler
  { status: 200, body: { step: 'whole' } }
end

api 'POST', '/ruby/several/first', name: 'several ruby first', emits: ['several-ruby'] do |req, context|
  context.logger.info('first of ruby')
  context.emit(topic: 'several-ruby', data: req.body)
  return { status: 200, body: { step: 'first' } }
end

api 'DELETE', '/ruby/several/second', name: 'several ruby second', emits: [] do
  { status: 200, body: { step: 'second' } }
end

event 'several-ruby', name: 'several ruby third', emits: [] do |data, context|
  context.state.set('journal-several-ruby', 'only', data)
end
