export const config = { type: 'api', name: 'Method', method: 'FETCH', path: 'users', emits: [] }
export const handler = async () => ({ status: 200 })
