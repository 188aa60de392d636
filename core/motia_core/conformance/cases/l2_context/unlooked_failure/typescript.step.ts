export const config = { type: 'api', name: 'unlooked typescript', method: 'POST', path: '/typescript/unlooked_failure' }

export const handler = async (req, { state }) => {
  await state.set('unlooked', 'typescript', 'text')
  const call = state.update('unlooked', 'typescript', [{ type: 'increment', path: '' }])
  if (!req.queryParams.look) return { status: 200, body: { ok: true } }
  const failed = await call.then(() => false, () => true)
  return { status: 200, body: { failed } }
}
