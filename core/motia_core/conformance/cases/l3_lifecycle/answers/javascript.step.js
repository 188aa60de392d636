export const config = { type: 'api', name: 'ok javascript', method: 'GET', path: '/javascript/ok', emits: [] }

export const handler = async () => ({ status: 200, body: 'ok' })
