export const config = { type: 'api', name: 'not_json javascript', method: 'POST', path: '/javascript/not_json', emits: [] }

export const handler = async (req, context) => {
  const circular = {}
  circular.self = circular
  const refused = []
  for (const attempt of [() => context.emit({ topic: 'not.json', data: circular }), () => context.state.set('g', 'k', circular)]) {
    await attempt().catch((error) => refused.push(error.message.includes('not JSON')))
  }
  return { status: 200, body: { refused } }
}
