export const config = { type: 'api', name: 'Set', path: '/set', method: 'POST', emits: [] }
export const handler = async (_req: unknown, { streams }: any) => {
  await streams.board.set('all', 'note', { text: 'x'.repeat(100) })
  return { status: 200, body: {} }
}
