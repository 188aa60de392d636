export const config = { type: 'api', name: 'echo typescript', method: 'POST', path: '/typescript/echo', emits: [] }

export const handler = async (req, context) => {
  return { status: 200, body: req.body }
}
