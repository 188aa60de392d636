# frozen_string_literal: true

def config
  { type: 'api', name: 'http ruby', method: 'GET', path: '/ruby/http/:kind', emits: [] }
end

def handler(req, _context)
  case req.pathParams.kind
  when 'cors' then { status: 200, headers: { 'Access-Control-Allow-Origin' => 'https://a.example' }, body: {} }
  when 'moved'
    cookies = ['a=1; Path=/; HttpOnly', 'b=2']
    { status: 303, headers: { 'Location' => '/elsewhere?a=b', 'Set-Cookie' => cookies }, body: {} }
  when 'version'
    headers = { 'ETag' => '"v1"', 'Last-Modified' => 'Sun, 01 Jan 2023 00:00:00 GMT' }
    { status: 200, headers: headers, body: { v: 1 } }
  else { status: 200, body: {} }
  end
end
