export const config = { type: 'api', name: 'bodies javascript', method: 'POST', path: '/javascript/bodies', emits: [] }

export const handler = async (req, context) => {
  const raw = typeof req.rawBody === 'string' ? req.rawBody : [...req.rawBody]
  return { status: 200, body: { body: req.body, raw } }
}
