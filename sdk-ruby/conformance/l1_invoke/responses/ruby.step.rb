# frozen_string_literal: true

def config
  { type: 'api', name: 'responses ruby', method: 'GET', path: '/ruby/responses/:kind', emits: [] }
end

def handler(req, _context)
  case req.pathParams.kind
  when 'text' then { status: 200, body: '<p>hi</p>' }
  when 'css' then { status: 200, headers: { 'Content-Type' => 'text/css' }, body: 'p {}' }
  when 'bytes' then { status: 200, body: [0, 255, 10].pack('C*') }
  when 'array' then { status: 201, body: [1, nil] }
  when 'null' then { status: 200, body: nil }
  when 'cookies' then { status: 302, headers: { 'Set-Cookie' => %w[a=1 b=2], 'Location' => '/x' }, body: '' }
  else { status: 204, body: nil }
  end
end
