export const config = { type: 'api', method: 'GET', path: '/javascript/nameless' }

export const handler = async () => ({ status: 200, body: 'nobody' })
