# frozen_string_literal: true

# GET /greetings/:id: shows a greeting.
config = {
  type: 'api', name: 'ReadGreeting', description: 'Shows a greeting',
  method: 'GET', path: '/greetings/:id', emits: [], flows: ['greetings']
}

def handler(req, context)
  found = context.state.get('greetings', req.path_params['id'])
  return { status: 404, body: { error: 'there is no such greeting' } } if found.nil?

  { status: 200, body: found }
end
