import type { ApiRouteConfig, Handlers } from 'motia'
import { z } from 'zod'

const greeting = z.object({ id: z.string(), text: z.string() })

export const config: ApiRouteConfig = {
  type: 'api',
  name: 'ReadGreeting',
  description: 'Shows a greeting',
  method: 'GET',
  path: '/greetings/:id',
  responseSchema: { 200: greeting, 404: z.object({ error: z.string() }) },
  emits: [],
  flows: ['greetings'],
}

export const handler: Handlers['ReadGreeting'] = async (req, { state }) => {
  const found = await state.get<z.infer<typeof greeting>>('greetings', req.pathParams.id)
  if (!found) return { status: 404, body: { error: 'there is no such greeting' } }
  return { status: 200, body: found }
}
