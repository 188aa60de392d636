export const config = { type: 'event', name: 'broken', subscribes: [], emits: [] }
process.exit(0)
