# frozen_string_literal: true

def config
  { type: 'api', name: 'late_call ruby', method: 'POST', path: '/ruby/late_call' }
end

def later(context)
  sleep 0.3
  context.state.set('journal-late_call-ruby', 'late', { n: 1 })
  puts 'late call of ruby: made'
rescue StandardError
  puts 'late call of ruby: refused'
end

def handler(_req, context)
  Thread.new { later(context) }
  { status: 200, body: { ok: true } }
end
