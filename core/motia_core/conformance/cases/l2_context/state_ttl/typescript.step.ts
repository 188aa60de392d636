export const config = { type: 'api', name: 'state_ttl typescript', method: 'POST', path: '/typescript/state_ttl', emits: [] }

export const handler = async (req, { state }) => {
  const g = 'typescript-ttl'
  const read = () => Promise.all(['a', 'b', 'stays'].map((key) => state.get(g, key)))
  await state.clear(g)
  await state.set(g, 'stays', 1, { ttl: 1000 })
  await state.set(g, 'stays', 3)
  await state.set(g, 'a', 1, { ttl: '1s' })
  await state.compareAndSet(g, 'b', 0, 2, { ttl: 1000 })
  const before = await read()
  await new Promise((resolve) => setTimeout(resolve, 1100))
  const [a, b, stays] = await read()
  const group = await state.getGroup(g)
  const { items } = await state.list(g)
  const { version } = await state.getVersioned(g, 'b')
  const { ok } = await state.compareAndSet(g, 'b', 0, 1)
  const body = { before, after: [a === null, b === null, stays], group, keys: items.map((item) => item.key), version, new: ok }
  return { status: 200, body }
}
