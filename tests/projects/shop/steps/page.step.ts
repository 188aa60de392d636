export const config = { type: 'api', name: 'page', method: 'GET', path: '/success', emits: [] }
export const handler = async (_: any) => ({ status: 200, body: '<h1>Thank you</h1>' })
