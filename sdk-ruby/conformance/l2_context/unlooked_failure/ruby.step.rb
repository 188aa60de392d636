# frozen_string_literal: true

def config
  { type: 'api', name: 'unlooked ruby', method: 'POST', path: '/ruby/unlooked_failure' }
end

def handler(req, context)
  context.state.set('unlooked', 'ruby', 'text')
  look = req.queryParams.look
  failed = false
  call = Thread.new do
    Thread.current.report_on_exception = false
    context.state.update('unlooked', 'ruby', [{ type: 'increment', path: '' }])
  rescue StandardError
    raise unless look

    failed = true
  end
  look ? call.join : sleep(0.05) # a thread that has not begun its call is nobody's
  { status: 200, body: look ? { failed: failed } : { ok: true } }
end
