export const config = { type: 'api', name: 'permission typescript', method: 'POST', path: '/typescript/permission', emits: ['permission.allowed'] }

export const handler = async (req, context) => {
  await context.emit({ topic: 'permission.undeclared', data: { key: 'typescript-undeclared' } })
  await context.emit({ type: 'permission.allowed', data: { key: 'typescript-no-topic' } })
  await context.emit('permission.allowed', { key: 'typescript-positional' })
  await context.emit({ topic: 'permission.allowed', data: { key: 'typescript-declared' } })
  return { status: 200, body: { ok: true } }
}
