# frozen_string_literal: true

outer = lambda do |req, context, following|
  req.order = ['outer']
  response = following.call
  response[:headers] = { 'x-trace' => context.trace_id, 'x-order' => req.order.join(',') }
  response
end

inner = lambda do |req, _context, following|
  next { status: 403, body: { stopped: true } } if req.queryParams.stop

  req.order << 'inner'
  following.call
end

config = {
  type: 'api', name: 'middleware ruby', method: 'GET', path: '/ruby/middleware', emits: [], middleware: [outer, inner]
}

def handler(req, context)
  raise 'no' if req.queryParams.fail

  { status: 200, body: { order: req.order, trace: context.trace_id } }
end
