# frozen_string_literal: true

def config
  { type: 'api', name: 'streamed ruby', method: 'GET', path: '/ruby/streamed/:how', emits: [] }
end

def pieces(*given)
  given.each
end

def failing(given)
  Enumerator.new do |out|
    given.each { |piece| out << piece }
    raise 'on purpose'
  end
end

def handler(req, _context)
  case req.pathParams.how
  when 'text' then { status: 200, headers: { 'x-own' => '1' }, body: pieces('one ', 'two ', 'three') }
  when 'bytes' then { status: 200, body: pieces([0, 255, 10].pack('C*'), [0, 255, 10].pack('C*')) }
  when 'objects' then { status: 200, body: pieces({ n: 1 }, { n: 2 }) }
  when 'typed'
    { status: 200, headers: { 'Content-Type' => 'text/html; charset=utf-8' }, body: pieces('<p>', '1</p>') }
  when 'large' then { status: 200, body: Array.new(30, 'x' * 100_000).each }
  when 'empty' then { status: 201, body: pieces }
  else { status: 200, body: failing(req.pathParams.how == 'refused' ? [] : ['the beginning']) }
  end
end
