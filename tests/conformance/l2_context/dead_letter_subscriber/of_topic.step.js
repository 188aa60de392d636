export const config = {
  type: 'event',
  name: 'dead of topic',
  subscribes: ['dead.python.dlq', 'dead.typescript.dlq', 'dead.javascript.dlq'],
  emits: [],
}

export const handler = async ({ topic, step, attempts, input, failure }, { state }) => {
  const letter = { n: 1, topic, step, attempts, id: input.id, message: failure.message }
  await state.set(`journal-dead-${input.lang}`, 'of topic', letter)
}
