export const config = { type: 'api', name: 'wildcard javascript', method: 'GET', path: '/javascript/wildcard/*', emits: [] }

export const handler = async (req, context) => ({ status: 200, body: { path: req.pathParams } })
