# frozen_string_literal: true

def config
  { type: 'api', name: 'later ruby', method: 'GET', path: '/ruby/later', emits: [] }
end

def handler
  Thread.new do
    sleep 0.001
    raise 'nobody catches this'
  end
  { status: 200, body: 'later' }
end
