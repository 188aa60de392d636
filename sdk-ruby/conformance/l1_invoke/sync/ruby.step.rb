# frozen_string_literal: true

def config
  { type: 'api', name: 'sync ruby', method: 'GET', path: '/ruby/sync', emits: [] }
end

def handler(_req, _context)
  sleep 0.01
  { status: 200, body: { sync: true } }
end
