export const config = {
  type: 'api',
  name: 'socket_failures javascript',
  method: 'WEBSOCKET',
  path: '/javascript/socket_failures',
  messageSchema: { type: 'object', properties: { n: { type: 'integer' } } },
}

export const handler = async (event) => {
  if (event.type !== 'message') return
  if (event.data.n === 0) throw new Error('nothing is not enough')
  return event.data
}
