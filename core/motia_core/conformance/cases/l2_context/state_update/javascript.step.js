export const config = { type: 'api', name: 'state_update javascript', method: 'POST', path: '/javascript/state_update', emits: [] }

export const handler = async (req, { state }) => {
  const g = 'javascript-update'
  await state.clear(g)
  const changed = await state.update(g, 'k', [
    { type: 'set', path: '/shop/open', value: true },
    { type: 'merge', path: '/shop', value: { name: 'x' } },
    { type: 'increment', path: '/shop/sold', by: 3 },
    { type: 'increment', path: '/shop/sold', by: -1 },
    { type: 'append', path: '/sales', value: 1 },
    { type: 'set', path: '/old', value: 1 },
    { type: 'remove', path: '/old' },
    { type: 'increment', path: '/a~1b', by: 0.5 },
  ])
  const impossible = [{ type: 'set', path: '/x', value: 1 }, { type: 'append', path: '/shop', value: 1 }]
  const refused = await state.update(g, 'k', impossible).then(() => false, () => true)
  const kept = JSON.stringify(await state.get(g, 'k')) === JSON.stringify(changed)
  await Promise.all(Array.from({ length: 40 }, () => state.update(g, 'n', [{ type: 'increment', path: '' }])))
  const count = await state.get(g, 'n')
  const removed = (await state.update(g, 'n', [{ type: 'remove', path: '' }])) === null
  const gone = (await state.get(g, 'n')) === null
  return { status: 200, body: { changed, refused, kept, count, removed, gone } }
}
