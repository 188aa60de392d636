export const config = { type: 'api', name: 'Same', method: 'GET', path: '/same', emits: [] }
export const handler = async () => ({ status: 200 })
