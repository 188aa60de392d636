# frozen_string_literal: true

def config
  { type: 'api', name: 'version ruby', method: 'GET', path: '/ruby/version', emits: [] }
end

def handler
  { status: 200, body: 'before' }
end
