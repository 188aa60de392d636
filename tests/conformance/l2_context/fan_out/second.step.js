export const config = { type: 'event', name: 'fan second', subscribes: ['fan.python', 'fan.typescript', 'fan.javascript'], emits: [] }

export const handler = async ({ to, list }, { state, traceId }) => {
  await state.set(`journal-fan-${to}`, `b ${traceId}`, { n: 2, who: 'b', data: list })
}
