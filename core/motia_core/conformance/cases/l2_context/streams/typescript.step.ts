export const config = { type: 'api', name: 'streams typescript', method: 'POST', path: '/typescript/streams', emits: [] }

export const handler = async (req, context) => {
  const { board: stream, unknown } = context.streams
  const group = 'typescript-group'
  for (const item of await stream.getGroup(group)) await stream.delete(group, item.id)
  const first = await stream.set(group, '1', { text: 'a', id: 'other' })
  await stream.set(group, '2', { text: 'b' })
  const changed = await stream.set(group, '1', { text: 'c' })
  const items = await stream.getGroup(group)
  const removed = await stream.delete(group, '2')
  const body = {
    first: { id: first.id, text: first.text, created: Number.isInteger(first._createdAt) },
    same: first._createdAt === changed._createdAt,
    items: items.map((item) => [item.id, item.text]),
    removed: removed.text,
    gone: (await stream.get(group, '2')) === null && unknown === undefined,
    again: (await stream.delete(group, '2')) === null,
    sent: (await stream.send({ groupId: group }, { type: 't', data: 1 })) === undefined,
  }
  return { status: 200, body }
}
