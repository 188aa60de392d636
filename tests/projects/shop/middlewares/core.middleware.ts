import type { ApiMiddleware } from 'motia'

export const coreMiddleware: ApiMiddleware = async (req, ctx, next) => {
  try {
    ;(req as unknown as Record<string, unknown>).tokenInfo = { userId: req.headers['x-user'] }
    const response = await next()
    return { ...response, headers: { ...response.headers, 'x-flow': ctx.traceId } }
  } catch (error) {
    ctx.logger.error('failed', { error })
    return { status: 422, body: { error: (error as Error).message } }
  }
}
