export const config = { type: 'api', name: 'slow typescript', method: 'GET', path: '/typescript/slow', emits: [] }

export const handler = async (_req, { state }) => {
  await state.set('journal-slow-typescript', 'start', { what: 'start', at: 0 })
  await new Promise((resolve) => setTimeout(resolve, 1000))
  return { status: 200, body: 'slow' }
}
