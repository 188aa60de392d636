export const config = { type: 'api', name: 'unlooked javascript', method: 'POST', path: '/javascript/unlooked_failure' }

export const handler = async (req, { state }) => {
  await state.set('unlooked', 'javascript', 'text')
  const call = state.update('unlooked', 'javascript', [{ type: 'increment', path: '' }])
  if (!req.queryParams.look) return { status: 200, body: { ok: true } }
  const failed = await call.then(() => false, () => true)
  return { status: 200, body: { failed } }
}
