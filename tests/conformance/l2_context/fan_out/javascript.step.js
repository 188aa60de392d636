export const config = { type: 'event', name: 'fan javascript', subscribes: ['fan.javascript'], emits: [] }

export const handler = async (input, context) => {
  await context.state.set('journal-fan-javascript', 'a', { n: 1, who: 'a', data: input })
}
