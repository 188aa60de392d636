export const config = { type: 'api', name: 'Group', method: 'GET', path: '/group/:stream/:group', emits: [] }

export const handler = async ({ pathParams: { stream, group } }, { streams }) => ({
  status: 200,
  body: { items: await streams[stream].getGroup(group) },
})
