export const config = {
  type: 'api',
  name: 'socket javascript',
  method: 'WEBSOCKET',
  path: '/javascript/socket/:id',
  emits: [],
}

export const handler = async (event, { state, sockets }) => {
  const { id } = event.pathParams
  if (event.type !== 'message') {
    if (id === 'no') return { status: 403, body: {} }
    const n = event.type === 'connect' ? 1 : 2
    await state.set('journal-socket-javascript', String(n), { n, type: event.type })
    return
  }
  if (event.data === 'json') return { n: 1 }
  if (event.data === 'quiet') return
  if (event.data === 'twice') {
    await sockets.send(event.connectionId, 'one')
    return 'two'
  }
  return `${event.data} from ${id} with ${event.queryParams.a}`
}
