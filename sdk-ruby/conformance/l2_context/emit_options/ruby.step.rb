# frozen_string_literal: true

def config
  { type: 'api', name: 'emit_options ruby', method: 'POST', path: '/ruby/emit_options', emits: [] }
end

def handler(_req, context)
  once = lambda do |n, what, **options|
    context.emit(topic: 'emit_options.once', data: { lang: 'ruby', n: n, what: what, emitted: Time.now.to_f }, **options)
  end
  once.call(1, 'once', idempotencyKey: 'ruby', idempotencyWindow: '1h')
  once.call(2, 'twice', idempotency_key: 'ruby')
  once.call(3, 'delay', delay: 1)
  once.call(4, 'at', at: Time.now + 1)
  { first: 0, idle: -10, usual: 0, urgent: 10 }.each do |what, priority|
    context.emit(topic: 'emit_options.order', data: { lang: 'ruby', what: what }, priority: priority)
  end
  { status: 200 }
end
