# frozen_string_literal: true

def config
  { type: 'api', name: 'bad ruby', method: 'GET', path: '/ruby/bad/:how', emits: [] }
end

def handler(req, _context)
  how = req.pathParams.how
  case how
  when 'exit' then exit(1)
  when 'die' then exit!(3)
  when 'block' then sleep 5
  when 'flood' then 200_000.times { |number| puts number }
  end
  { status: 200, body: how }
end
