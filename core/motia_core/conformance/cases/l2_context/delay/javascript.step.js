export const config = { type: 'event', name: 'delay javascript', subscribes: ['delay.javascript'], emits: [], infrastructure: { queue: { delaySeconds: 1 } } }

export const handler = async (input, context) => {
  await context.state.set('journal-delay-javascript', '1', { n: 1 })
}
