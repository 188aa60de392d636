# frozen_string_literal: true

def config
  { type: 'api', name: 'side_by_side ruby', method: 'GET', path: '/ruby/side_by_side' }
end

def handler(_req, _context)
  sleep 0.5
  { status: 200, body: { waited: true } }
end
