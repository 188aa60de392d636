export const config = { type: 'event', name: 'broken', subscribes: [], emits: [] }
throw new Error('KEY is required')
