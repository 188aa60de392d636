export const config = { type: 'event', name: 'dead javascript', subscribes: ['dead.javascript'], emits: [], queue: { maxRetries: 1, retryDelay: 0.05 } }

export const handler = async () => {
  throw new Error('broken')
}
