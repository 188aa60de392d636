export const config = { type: 'api', name: 'state_list javascript', method: 'POST', path: '/javascript/state_list', emits: [] }

export const handler = async (req, { state }) => {
  const g = 'javascript-list'
  await state.clear(g)
  await state.set(`${g}-other`, 'a:0', 0)
  await state.set(g.slice(0, -1), 'a:0', 0)
  const values = { 'b:1': 4, 'a:3': false, 'a:1': 1, 'a:2': [2], é: 5, '%': 6 }
  for (const [key, value] of Object.entries(values)) await state.set(g, key, value)
  const first = await state.list(g, { prefix: 'a:', limit: 2 })
  const second = await state.list(g, { prefix: 'a:', limit: 2, cursor: first.cursor })
  const all = await state.list(g)
  const none = await state.list(g, { prefix: 'c' })
  const body = {
    first: first.items,
    second: second.items,
    ended: second.cursor === '',
    keys: all.items.map((item) => item.key),
    none: [none.items, none.cursor],
  }
  return { status: 200, body }
}
