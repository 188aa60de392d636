export const config = {
  type: 'api',
  name: 'socket_failures typescript',
  method: 'WEBSOCKET',
  path: '/typescript/socket_failures',
  messageSchema: { type: 'object', properties: { n: { type: 'integer' } } },
}

export const handler = async (event) => {
  if (event.type !== 'message') return
  if (event.data.n === 0) throw new Error('nothing is not enough')
  return event.data
}
