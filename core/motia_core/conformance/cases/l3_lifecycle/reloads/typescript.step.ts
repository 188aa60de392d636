export const config = { type: 'api', name: 'version typescript', method: 'GET', path: '/typescript/version', emits: [] }

export const handler = async () => ({ status: 200, body: 'before' })
