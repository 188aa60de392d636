// 20 reads of state, one after the other.
export const config = { type: 'api', name: 'CallsTypeScript', path: '/typescript/calls', method: 'GET', emits: [] }
export const handler = async (_req: any, { state }: any) => {
  for (let n = 0; n < 20; n++) await state.get('bench', 'key')
  return { status: 200, body: { message: 'hello' } }
}
