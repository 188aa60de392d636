export const config = { type: 'api', name: 'permission javascript', method: 'POST', path: '/javascript/permission', emits: ['permission.allowed'] }

export const handler = async (req, context) => {
  await context.emit({ topic: 'permission.undeclared', data: { key: 'javascript-undeclared' } })
  await context.emit({ type: 'permission.allowed', data: { key: 'javascript-no-topic' } })
  await context.emit('permission.allowed', { key: 'javascript-positional' })
  await context.emit({ topic: 'permission.allowed', data: { key: 'javascript-declared' } })
  return { status: 200, body: { ok: true } }
}
