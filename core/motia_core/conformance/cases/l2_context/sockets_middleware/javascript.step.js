const count = async (event, { state }, next) => {
  await state.update('socket-middleware-javascript', 'count', [{ type: 'increment', path: '' }])
  return next()
}

export const config = {
  type: 'api',
  name: 'socket middleware javascript',
  method: 'WEBSOCKET',
  path: '/javascript/socket-middleware',
  emits: [],
  middleware: [count],
}

export const handler = async ({ type }, { state }) => {
  if (type === 'message') return String(await state.get('socket-middleware-javascript', 'count'))
  if (type === 'close') await state.clear('socket-middleware-javascript')
}
