export const config = { type: 'event', name: 'NoHandler', subscribes: ['a'], emits: [] }
