export const config = { type: 'evnt', name: 'Typo', subscribes: ['a'], emits: [] }
export const handler = async () => {}
