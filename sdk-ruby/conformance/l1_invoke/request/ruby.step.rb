# frozen_string_literal: true

def config
  { type: 'api', name: 'request ruby', method: 'GET', path: '/ruby/request/:id/:rest?', emits: [] }
end

def handler(req, _context)
  headers = req.headers.select { |name, _| name.start_with?('x-') }
  { status: 200, body: { keys: req.keys.sort, headers: headers, path: req.pathParams, query: req.queryParams } }
end
