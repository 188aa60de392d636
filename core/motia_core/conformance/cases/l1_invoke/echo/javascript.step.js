export const config = { type: 'api', name: 'echo javascript', method: 'POST', path: '/javascript/echo', emits: [] }

export const handler = async (req, context) => {
  return { status: 200, body: req.body }
}
