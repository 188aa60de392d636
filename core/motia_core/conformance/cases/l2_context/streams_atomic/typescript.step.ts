export const config = {
  type: 'event',
  name: 'streams_atomic typescript',
  subscribes: ['streams_atomic.typescript'],
  emits: [],
  atomic: true,
}

export const handler = async (data: any, { streams, state, attempt }: any) => {
  const stream = streams.board
  const g = 'typescript-atomic'
  const ids = async () => (await stream.getGroup(g)).map((item: any) => item.id)
  const before = await ids()
  await stream.set(g, `a${attempt}`, { text: 'x' })
  await stream.update(g, `a${attempt}`, [{ type: 'increment', path: '/votes' }])
  const updated = await stream.update(g, `a${attempt}`, [{ type: 'increment', path: '/votes' }])
  await stream.send({ groupId: g }, { type: 'told', data: attempt })
  const seen = { attempt, before, after: await ids(), updated: updated.votes }
  await state.set('journal-streams_atomic-typescript', 'seen', seen)
  if (attempt === 1) throw new Error('the first attempt fails')
}
