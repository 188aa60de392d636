# frozen_string_literal: true

def config
  { type: 'api', name: 'failures ruby', method: 'GET', path: '/ruby/failures/:kind', emits: [] }
end

def handler(req, _context)
  case req.pathParams.kind
  when 'raises' then raise ArgumentError, 'secret'
  when 'nothing' then nil
  when 'status' then { status: 99, body: {} }
  when 'circular'
    body = {}
    body[:self] = body
    { status: 200, body: body }
  else 7
  end
end
