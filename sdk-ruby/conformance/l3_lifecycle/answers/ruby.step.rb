# frozen_string_literal: true

def config
  { type: 'api', name: 'ok ruby', method: 'GET', path: '/ruby/ok', emits: [] }
end

def handler
  { status: 200, body: 'ok' }
end
