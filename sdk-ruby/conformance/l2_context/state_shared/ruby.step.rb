# frozen_string_literal: true

def config
  { type: 'api', name: 'shared ruby', method: 'POST', path: '/ruby/shared', emits: [] }
end

def handler(req, context)
  body = req.body
  context.state.set('shared', body['key'], body['value']) if body.key?('value')
  { status: 200, body: context.state.get('shared', body['key']) }
end
