export const config = { type: 'event', name: 'fan javascript', subscribes: ['fan.javascript'], emits: [] }

export const handler = async ({ to, list }, context) => {
  await context.state.set(`journal-fan-${to}`, `a ${context.traceId}`, { n: 1, who: 'a', data: list })
}
