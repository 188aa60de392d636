# frozen_string_literal: true

def config
  { type: 'api', name: 'facts ruby', method: 'GET', path: '/ruby/facts', emits: [], flows: %w[f1 f2] }
end

def handler(_req, context)
  {
    status: 200,
    body: {
      trace: context.trace_id == context.traceId && context.trace_id.size == 13, parent: context.traceparent[0, 36],
      flows: context.flows, attempt: context.attempt, max: context.max_attempts, cancelled: context.signal.cancelled?
    }
  }
end
