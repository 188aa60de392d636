import type { ApiRouteConfig, Handlers } from 'motia'
import { randomUUID } from 'node:crypto'
import { z } from 'zod'

export const config: ApiRouteConfig = {
  type: 'api',
  name: 'CreateGreeting',
  description: 'Takes the name of a person to greet',
  method: 'POST',
  path: '/greetings',
  bodySchema: z.object({ name: z.string().trim().min(1) }),
  responseSchema: { 202: z.object({ id: z.string() }) },
  emits: ['greeting.requested'],
  flows: ['greetings'],
}

export const handler: Handlers['CreateGreeting'] = async (req, { emit, logger }) => {
  const id = randomUUID().slice(0, 8)
  await emit({ topic: 'greeting.requested', data: { id, name: req.body.name } })
  logger.info('Greeting requested', { id })
  return { status: 202, body: { id } }
}
