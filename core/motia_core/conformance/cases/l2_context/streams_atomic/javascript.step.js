export const config = {
  type: 'event',
  name: 'streams_atomic javascript',
  subscribes: ['streams_atomic.javascript'],
  emits: [],
  atomic: true,
}

export const handler = async (data, { streams, state, attempt }) => {
  const stream = streams.board
  const g = 'javascript-atomic'
  const ids = async () => (await stream.getGroup(g)).map((item) => item.id)
  const before = await ids()
  await stream.set(g, `a${attempt}`, { text: 'x' })
  await stream.update(g, `a${attempt}`, [{ type: 'increment', path: '/votes' }])
  const updated = await stream.update(g, `a${attempt}`, [{ type: 'increment', path: '/votes' }])
  await stream.send({ groupId: g }, { type: 'told', data: attempt })
  const seen = { attempt, before, after: await ids(), updated: updated.votes }
  await state.set('journal-streams_atomic-javascript', 'seen', seen)
  if (attempt === 1) throw new Error('the first attempt fails')
}
