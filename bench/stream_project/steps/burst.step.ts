export const config = { type: 'api', name: 'Burst', path: '/burst', method: 'POST', emits: [] }
/** Sets `count` items, `inFlight` at a time. */
export const handler = async ({ body }: any, { streams }: any) => {
  let next = 0
  const set = async () => {
    while (next < body.count) await streams.board.set('all', `note-${next++ % 20}`, { text: 'x'.repeat(100) })
  }
  await Promise.all(Array.from({ length: body.inFlight }, set))
  return { status: 200, body: {} }
}
