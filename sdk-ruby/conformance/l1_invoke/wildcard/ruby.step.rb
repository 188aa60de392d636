# frozen_string_literal: true

def config
  { type: 'api', name: 'wildcard ruby', method: 'GET', path: '/ruby/wildcard/*', emits: [] }
end

def handler(req, _context)
  { status: 200, body: { path: req.pathParams } }
end
