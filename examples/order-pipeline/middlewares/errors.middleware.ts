import type { ApiMiddleware } from 'motia'
import { ZodError } from 'zod'

/** Answers 400 for input that the handler's schema refuses; everything else stays a 500. */
export const errors: ApiMiddleware = async (req, ctx, next) => {
  try {
    return await next()
  } catch (error) {
    if (!(error instanceof ZodError)) throw error
    ctx.logger.warn('Order refused', { issues: error.issues })
    return { status: 400, body: { error: 'Invalid order', issues: error.issues } }
  }
}
