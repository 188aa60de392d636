export const config = { type: 'api', name: 'too_large typescript', method: 'POST', path: '/typescript/too_large' }

export const handler = async (req, context) => {
  const large = 'x'.repeat(70_000)
  if (req.queryParams.respond) return { status: 200, body: large }
  const refused = []
  for (const attempt of [
    () => context.emit({ topic: 'too_large', data: large }),
    () => context.state.set('too_large', 'typescript', large),
  ]) {
    await attempt().catch((error) => refused.push(error.message.length > 0))
  }
  await context.state.set('too_large', 'typescript', 'small')
  const stored = (await context.state.get('too_large', 'typescript')) === 'small'
  return { status: 200, body: { refused, stored } }
}
