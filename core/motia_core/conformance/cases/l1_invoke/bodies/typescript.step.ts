export const config = { type: 'api', name: 'bodies typescript', method: 'POST', path: '/typescript/bodies', emits: [] }

export const handler = async (req, context) => {
  const raw = typeof req.rawBody === 'string' ? req.rawBody : [...req.rawBody]
  return { status: 200, body: { body: req.body, raw } }
}
