export const config = {
  type: 'event',
  name: 'WriteGreeting',
  description: 'Writes the greeting and keeps it',
  subscribes: ['greeting.requested'],
  emits: [],
  flows: ['greetings'],
}

/**
 * What is documented is checked: this comment is the step's schema.
 *
 * @param {{ id: string, name: string }} request
 */
export const handler = async ({ id, name }, { logger, state }) => {
  const text = `${process.env.GREETING ?? 'Hello'}, ${name}!`
  await state.set('greetings', id, { id, text })
  logger.info(text, { id })
}
