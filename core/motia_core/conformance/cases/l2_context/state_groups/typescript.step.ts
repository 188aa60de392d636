export const config = { type: 'api', name: 'groups typescript', method: 'POST', path: '/typescript/groups', emits: [] }

export const handler = async (req, context) => {
  const { state } = context
  const names = ['typescript-a', 'typescript-a:b', 'typescript-a1']
  for (const group of names) {
    await state.clear(group)
    await state.set(group, 'k', group)
  }
  const groups = await Promise.all(names.map((group) => state.getGroup(group)))
  await state.clear('typescript-a')
  return { status: 200, body: { groups, left: await state.getGroup('typescript-a:b') } }
}
