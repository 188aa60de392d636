export const config = { type: 'api', name: 'HelloTs', path: '/ts', method: 'GET', emits: [] }
export const handler = async () => ({ status: 200, body: { message: 'hello' } })
