# frozen_string_literal: true

def config
  { type: 'api', method: 'GET', path: '/ruby/nameless' }
end

def handler
  { status: 200, body: 'nobody' }
end
