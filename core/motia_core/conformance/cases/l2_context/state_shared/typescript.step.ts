export const config = { type: 'api', name: 'shared typescript', method: 'POST', path: '/typescript/shared', emits: [] }

export const handler = async (req, context) => {
  const { key, value } = req.body
  if (value !== undefined) await context.state.set('shared', key, value)
  return { status: 200, body: await context.state.get('shared', key) }
}
