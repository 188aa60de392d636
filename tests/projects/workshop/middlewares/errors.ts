import type { ApiMiddleware } from 'motia'
import { ZodError } from 'zod'

export const errors: ApiMiddleware = async (_req, ctx, next) => {
  try {
    return await next()
  } catch (error: any) {
    if (error instanceof ZodError) return { status: 400, body: { error: 'validation', fields: error.errors.map((e) => e.path.join('.')) } }
    ctx.logger.error('unexpected', error.message)
    return { status: 500, body: { error: 'unexpected' } }
  }
}

/** Wraps a handler, for steps that do not use config.middleware. */
export const withGreeting =
  (greeting: string, handler: (req: any, ctx: any) => Promise<any>) =>
  async (req: any, ctx: any) => {
    const answer = await handler(req, ctx)
    return { ...answer, headers: { ...answer.headers, 'x-greeting': greeting } }
  }
