export const config = { type: 'api', name: 'intent', method: 'POST', path: '/intent', emits: [] }
export const handler = async () => ({ status: 200, body: 'first' })
