export const config = { type: 'api', name: 'gone typescript', method: 'GET', path: '/typescript/gone', emits: [] }

export const handler = async (req, context) => {
  await new Promise((resolve) => context.signal.addEventListener('abort', resolve))
  await context.state.set('journal-gone-typescript', '1', { n: 1, cancelled: context.signal.aborted })
  return { status: 200, body: {} }
}
