export const config = { type: 'api', name: 'ok typescript', method: 'GET', path: '/typescript/ok', emits: [] }

export const handler = async () => ({ status: 200, body: 'ok' })
