import { z, ZodTypeAny } from 'zod/v3'

const schema: ZodTypeAny = z.object({ token: z.string() })
export const config = { type: 'api', name: 'old schema', method: 'PUT', path: '/old', emits: [], bodySchema: schema }
export const handler = async (req: any) => ({ status: 200, body: schema.parse(req.body) })
