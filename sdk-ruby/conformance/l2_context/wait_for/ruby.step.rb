# frozen_string_literal: true

def config
  { type: 'event', name: 'wait ruby', subscribes: ['wait.ruby'], emits: [], waits_for: ['wait.answer.ruby'] }
end

def handler(input, context)
  n = input.n
  context.state.set('journal-wait-began-ruby', n, { n: n })
  sleep 0.3 if input.late
  timeout = "#{input.timeout}ms" if input.timeout
  answers = Array.new(input.waits) do
    answer = context.wait_for('wait.answer.ruby', { n: n, order: { ok: true } }, timeout: timeout)
    answer ? answer.by : 'nobody'
  end
  context.state.set('journal-wait-ruby', n, { n: n, answers: answers, attempt: context.attempt })
end
