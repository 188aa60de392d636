export const config = { type: 'api', name: 'streams_update typescript', method: 'POST', path: '/typescript/streams_update', emits: [] }

export const handler = async (req: any, { streams }: any) => {
  const stream = streams.board
  const g = 'typescript-update'
  for (const { id } of await stream.getGroup(g)) await stream.delete(g, id)
  const made = await stream.update(g, 'k', [
    { type: 'set', path: '/text', value: 'a' },
    { type: 'increment', path: '/votes', by: 2 },
  ])
  const impossible = [{ type: 'set', path: '/x', value: 1 }, { type: 'append', path: '/text', value: 1 }]
  const refused = await stream.update(g, 'k', impossible).then(() => false, () => true)
  const kept = !('x' in (await stream.get(g, 'k')))
  await Promise.all(Array.from({ length: 40 }, () => stream.update(g, 'k', [{ type: 'increment', path: '/votes' }])))
  const { votes } = await stream.get(g, 'k')
  const removed = (await stream.update(g, 'k', [{ type: 'remove', path: '' }])) === null
  const gone = (await stream.get(g, 'k')) === null
  for (const number of ['1', '2', '3']) await stream.set(g, number, { text: number })
  const first = await stream.list(g, { limit: 2 })
  const second = await stream.list(g, { cursor: first.cursor, limit: 2 })
  const ids = (page: any) => page.items.map(({ id }) => id)
  const all: string[] = []
  for await (const { id } of stream.listAll(g)) all.push(id)
  const body = {
    made: { id: made.id, text: made.text, votes: made.votes, created: Number.isInteger(made._createdAt) },
    refused,
    kept,
    votes,
    removed,
    gone,
    pages: [ids(first), ids(second)],
    end: second.cursor,
    all,
  }
  return { status: 200, body }
}
