export const config = { type: 'api', name: 'Look', method: 'GET', path: '/look/:group', emits: [] }

export const handler = async ({ pathParams: { group } }, { state }) => {
  const found = {}
  for await (const { key, value } of state.listAll(group)) found[key] = value
  return { status: 200, body: found }
}
