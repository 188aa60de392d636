export const config = { type: 'event', name: 'broken', subscribes: [], emits: [] }
process.abort()
