# frozen_string_literal: true

def config
  { type: 'api', name: 'gone ruby', method: 'GET', path: '/ruby/gone', emits: [] }
end

def handler(_req, context)
  begin
    context.signal.wait(8)
  ensure
    context.state.set('journal-gone-ruby', '1', { n: 1, cancelled: context.signal.cancelled? })
  end
  { status: 200, body: {} }
end
