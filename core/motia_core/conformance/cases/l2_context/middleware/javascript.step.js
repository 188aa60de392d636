const outer = async (req, ctx, next) => {
  req.order = ['outer']
  const response = await next()
  response.headers = { 'x-trace': ctx.traceId, 'x-order': req.order.join(',') }
  return response
}

const inner = async (req, ctx, next) => {
  if (req.queryParams.stop) return { status: 403, body: { stopped: true } }
  req.order.push('inner')
  return next()
}

export const config = { type: 'api', name: 'middleware javascript', method: 'GET', path: '/javascript/middleware', emits: [], middleware: [outer, inner] }

export const handler = async (req, ctx) => {
  if (req.queryParams.fail) throw new Error('no')
  return { status: 200, body: { order: req.order, trace: ctx.traceId } }
}
