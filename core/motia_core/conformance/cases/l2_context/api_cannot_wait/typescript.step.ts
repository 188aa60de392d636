export const config = { type: 'api', name: 'api_cannot_wait typescript', method: 'POST', path: '/typescript/api_cannot_wait' }

export const handler = async (req, context) => {
  const refused = []
  for (const attempt of [async () => context.sleep('1s'), async () => context.waitFor('nothing')]) {
    await attempt().catch((error) => refused.push(error.message.length > 0))
  }
  return { status: 200, body: { refused } }
}
