# frozen_string_literal: true

def config
  { type: 'api', name: 'not_json ruby', method: 'POST', path: '/ruby/not_json', emits: [] }
end

def handler(_req, context)
  circular = {}
  circular[:self] = circular
  attempts = [-> { context.emit(topic: 'not.json', data: circular) }, -> { context.state.set('g', 'k', circular) }]
  refused = attempts.map do |attempt|
    attempt.call
    nil
  rescue StandardError => e
    !e.message.empty?
  end
  { status: 200, body: { refused: refused } }
end
