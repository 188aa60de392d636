export const config = { type: 'event', name: 'delay typescript', subscribes: ['delay.typescript'], emits: [], infrastructure: { queue: { delaySeconds: 1 } } }

export const handler = async (input, context) => {
  await context.state.set('journal-delay-typescript', '1', { n: 1 })
}
