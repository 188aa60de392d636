# frozen_string_literal: true

def config
  { type: 'api', name: 'too_large ruby', method: 'POST', path: '/ruby/too_large' }
end

def handler(req, context)
  large = 'x' * 70_000
  return { status: 200, body: large } if req.queryParams.respond

  attempts = [-> { context.emit(topic: 'too_large', data: large) }, -> { context.state.set('too_large', 'ruby', large) }]
  refused = attempts.map do |attempt|
    attempt.call
    nil
  rescue StandardError => e
    !e.message.empty?
  end
  context.state.set('too_large', 'ruby', 'small')
  { status: 200, body: { refused: refused, stored: context.state.get('too_large', 'ruby') == 'small' } }
end
