export const config = { type: 'api', name: 'Change', method: 'POST', path: '/change/:stream/:group/:id', emits: [] }

/** What the body says: operations, an event, or nothing, which removes the item. */
export const handler = async ({ pathParams: { stream, group, id }, body }: any, { streams }: any) => {
  if (body.operations) return { status: 200, body: await streams[stream].update(group, id, body.operations) }
  if (body.event) await streams[stream].send(id === '-' ? { groupId: group } : { groupId: group, id }, body.event)
  else return { status: 200, body: await streams[stream].delete(group, id) }
  return { status: 200, body: null }
}
