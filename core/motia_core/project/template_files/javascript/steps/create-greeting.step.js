import { randomUUID } from 'node:crypto'

export const config = {
  type: 'api',
  name: 'CreateGreeting',
  description: 'Takes the name of a person to greet',
  method: 'POST',
  path: '/greetings',
  bodySchema: {
    type: 'object',
    properties: { name: { type: 'string', minLength: 1 } },
    required: ['name'],
  },
  emits: ['greeting.requested'],
  flows: ['greetings'],
}

export const handler = async (req, { emit, logger }) => {
  const id = randomUUID().slice(0, 8)
  await emit({ topic: 'greeting.requested', data: { id, name: req.body.name } })
  logger.info('Greeting requested', { id })
  return { status: 202, body: { id } }
}
