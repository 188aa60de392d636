export const config = { type: 'api', method: 'GET', path: '/typescript/nameless' }

export const handler = async () => ({ status: 200, body: 'nobody' })
