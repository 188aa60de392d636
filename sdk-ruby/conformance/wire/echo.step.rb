# frozen_string_literal: true

config = { type: 'api', name: 'WireEcho', path: '/wire/echo', method: 'POST', emits: [] }

def handler(request, _context)
  { status: 200, body: request.body }
end
