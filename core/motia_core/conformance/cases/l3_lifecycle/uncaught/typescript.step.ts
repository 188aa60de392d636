export const config = { type: 'api', name: 'later typescript', method: 'GET', path: '/typescript/later', emits: [] }

export const handler = async () => {
  setTimeout(() => {
    throw new Error('nobody catches this')
  }, 1)
  Promise.reject(new Error('nor this'))
  return { status: 200, body: 'later' }
}
