# frozen_string_literal: true

def config
  { type: 'api', name: 'api_cannot_wait ruby', method: 'POST', path: '/ruby/api_cannot_wait' }
end

def handler(_req, context)
  refused = [-> { context.sleep('1s') }, -> { context.wait_for('nothing') }].map do |attempt|
    attempt.call
    nil
  rescue StandardError => e
    !e.message.empty?
  end
  { status: 200, body: { refused: refused } }
end
