export const config = { type: 'api', name: 'request typescript', method: 'GET', path: '/typescript/request/:id/:rest?', emits: [] }

export const handler = async (req, context) => {
  const headers = Object.fromEntries(Object.entries(req.headers).filter(([name]) => name.startsWith('x-')))
  return { status: 200, body: { keys: Object.keys(req).sort(), headers, path: req.pathParams, query: req.queryParams } }
}
