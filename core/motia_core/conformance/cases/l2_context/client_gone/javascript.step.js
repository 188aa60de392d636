export const config = { type: 'api', name: 'gone javascript', method: 'GET', path: '/javascript/gone', emits: [] }

export const handler = async (req, context) => {
  await new Promise((resolve) => context.signal.addEventListener('abort', resolve))
  await context.state.set('journal-gone-javascript', '1', { n: 1, cancelled: context.signal.aborted })
  return { status: 200, body: {} }
}
