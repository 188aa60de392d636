export const config = { name: 'NoType', method: 'GET', path: '/no-type', emits: [] }
export const handler = async () => ({ status: 200 })
