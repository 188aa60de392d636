export const config = { type: 'api', name: 'HelloTypeScript', path: '/typescript', method: 'GET', emits: [] }
export const handler = async () => ({ status: 200, body: { message: 'hello' } })
