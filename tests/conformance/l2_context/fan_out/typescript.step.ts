export const config = { type: 'event', name: 'fan typescript', subscribes: ['fan.typescript'], emits: [] }

export const handler = async (input, context) => {
  await context.state.set('journal-fan-typescript', 'a', { n: 1, who: 'a', data: input })
}
