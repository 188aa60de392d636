export const config = { type: 'api', name: 'state javascript', method: 'POST', path: '/javascript/state', emits: [] }

export const handler = async (req, context) => {
  const { state } = context
  const g = 'javascript-round-trip'
  await state.clear(g)
  const values = { object: { a: [1, null] }, array: [1, '2'], string: 's', number: 1.5, zero: 0, false: false, empty: '' }
  const returned = await Promise.all(Object.entries(values).map(([key, value]) => state.set(g, key, value)))
  const read = await Promise.all(Object.keys(values).map((key) => state.get(g, key)))
  const missing = (await state.get(g, 'missing')) === null
  const group = await state.getGroup(g)
  const removed = await state.delete(g, 'string')
  const again = (await state.delete(g, 'string')) === null
  const gone = (await state.get(g, 'string')) === null
  const cleared = (await state.clear(g)) === undefined
  const same = (list) => JSON.stringify(list) === JSON.stringify(Object.values(values))
  return {
    status: 200,
    body: { returned: same(returned), read: same(read), missing, group: group.length, removed, again, gone, cleared, empty: await state.getGroup(g) },
  }
}
