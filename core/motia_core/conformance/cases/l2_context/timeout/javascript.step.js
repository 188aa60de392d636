export const config = { type: 'event', name: 'timeout javascript', subscribes: ['timeout.javascript'], emits: [], infrastructure: { handler: { timeout: 1 }, queue: { maxRetries: 0 } } }

export const handler = async (input, context) => {
  await new Promise((resolve) => context.signal.addEventListener('abort', resolve))
  context.logger.info('timeout javascript: the signal came')
}
