# frozen_string_literal: true

def config
  { type: 'api', name: 'deep ruby', method: 'GET', path: '/ruby/deep_failure' }
end

def deeper(depth)
  raise ArgumentError, 'x' * 100_000 if depth.zero?

  deeper(depth - 1)
rescue StandardError
  raise "step #{depth} of ruby went wrong #{depth}"
end

def handler(req, _context)
  return { status: 200, body: 'well' } if req.queryParams.well

  deeper(40)
end
