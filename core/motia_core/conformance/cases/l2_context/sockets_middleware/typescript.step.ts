const count = async (event: any, { state }: any, next: any) => {
  await state.update('socket-middleware-typescript', 'count', [{ type: 'increment', path: '' }])
  return next()
}

export const config = {
  type: 'api',
  name: 'socket middleware typescript',
  method: 'WEBSOCKET',
  path: '/typescript/socket-middleware',
  emits: [],
  middleware: [count],
}

export const handler = async ({ type }: any, { state }: any) => {
  if (type === 'message') return String(await state.get('socket-middleware-typescript', 'count'))
  if (type === 'close') await state.clear('socket-middleware-typescript')
}
