export const config = { type: 'api', name: 'slow javascript', method: 'GET', path: '/javascript/slow', emits: [] }

export const handler = async (_req, { state }) => {
  await state.set('journal-slow-javascript', 'start', { what: 'start', at: 0 })
  await new Promise((resolve) => setTimeout(resolve, 1000))
  return { status: 200, body: 'slow' }
}
