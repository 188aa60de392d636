export const config = { type: 'api', name: 'later javascript', method: 'GET', path: '/javascript/later', emits: [] }

export const handler = async () => {
  setTimeout(() => {
    throw new Error('nobody catches this')
  }, 1)
  Promise.reject(new Error('nor this'))
  return { status: 200, body: 'later' }
}
