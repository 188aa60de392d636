export const config = {
  type: 'event',
  name: 'dead of step',
  subscribes: ['dead.python.dead python.dlq', 'dead.typescript.dead typescript.dlq', 'dead.javascript.dead javascript.dlq'],
  emits: [],
}

export const handler = async ({ topic, step, attempts, input, failure }, { state }) => {
  const letter = { n: 2, topic, step, attempts, id: input.id, message: failure.message }
  await state.set(`journal-dead-${input.lang}`, 'of step', letter)
}
