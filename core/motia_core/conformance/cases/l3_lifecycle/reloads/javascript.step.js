export const config = { type: 'api', name: 'version javascript', method: 'GET', path: '/javascript/version', emits: [] }

export const handler = async () => ({ status: 200, body: 'before' })
