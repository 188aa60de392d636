# frozen_string_literal: true

def config
  { type: 'api', name: 'unawaited ruby', method: 'POST', path: '/ruby/unawaited', emits: [] }
end

def handler(_req, context)
  Thread.new { context.emit(topic: 'unawaited.sink', data: 'ruby') }
  Thread.new { context.state.set('journal-unawaited-ruby', 'state', { n: 1 }) }
  sleep 0.05 # threads that have not begun their calls are nobody's
  { status: 200, body: { ok: true } }
end
