export const config = { type: 'api', name: 'groups javascript', method: 'POST', path: '/javascript/groups', emits: [] }

export const handler = async (req, context) => {
  const { state } = context
  const names = ['javascript-a', 'javascript-a:b', 'javascript-a1']
  for (const group of names) {
    await state.clear(group)
    await state.set(group, 'k', group)
  }
  const groups = await Promise.all(names.map((group) => state.getGroup(group)))
  await state.clear('javascript-a')
  return { status: 200, body: { groups, left: await state.getGroup('javascript-a:b') } }
}
