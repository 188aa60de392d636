# frozen_string_literal: true

def config
  { type: 'api', name: 'echo ruby', method: 'POST', path: '/ruby/echo', emits: [] }
end

def handler(req, _context)
  { status: 200, body: req.body }
end
