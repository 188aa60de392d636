# frozen_string_literal: true

def config
  { type: 'api', name: 'slow ruby', method: 'GET', path: '/ruby/slow', emits: [] }
end

def handler(_req, context)
  context.state.set('journal-slow-ruby', 'start', { what: 'start', at: 0 })
  sleep 1
  { status: 200, body: 'slow' }
end
