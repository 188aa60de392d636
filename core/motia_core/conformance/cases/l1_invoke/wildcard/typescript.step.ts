export const config = { type: 'api', name: 'wildcard typescript', method: 'GET', path: '/typescript/wildcard/*', emits: [] }

export const handler = async (req, context) => ({ status: 200, body: { path: req.pathParams } })
