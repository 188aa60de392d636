import type { EventConfig, Handlers } from 'motia'
import { z } from 'zod'

export const config: EventConfig = {
  type: 'event',
  name: 'WriteGreeting',
  description: 'Writes the greeting and keeps it',
  subscribes: ['greeting.requested'],
  input: z.object({ id: z.string(), name: z.string() }),
  emits: [],
  flows: ['greetings'],
}

export const handler: Handlers['WriteGreeting'] = async ({ id, name }, { logger, state }) => {
  const text = `${process.env.GREETING ?? 'Hello'}, ${name}!`
  await state.set('greetings', id, { id, text })
  logger.info(text, { id })
}
