export const config = { type: 'api', name: 'WireEcho', path: '/wire/echo', method: 'POST', emits: [] }

export const handler = async (request) => ({ status: 200, body: request.body })
