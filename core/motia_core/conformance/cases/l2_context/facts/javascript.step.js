export const config = { type: 'api', name: 'facts javascript', method: 'GET', path: '/javascript/facts', emits: [], flows: ['f1', 'f2'] }

export const handler = async (req, context) => {
  return { status: 200, body: { trace: context.traceId.length === 13, parent: context.traceparent.slice(0, 36), flows: context.flows, attempt: context.attempt, max: context.maxAttempts, cancelled: context.signal.aborted } }
}
