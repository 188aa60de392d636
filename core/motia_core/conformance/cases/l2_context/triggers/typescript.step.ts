import { enqueue, http, queue, Stream, stateManager, stream } from 'motia'

const watched = new Stream('triggers-typescript')

export const config = {
  name: 'triggers typescript',
  triggers: [
    http('POST', '/typescript/triggers', {}, (request) => request.body.n > 0),
    queue('triggers-typescript'),
    stream('triggers-typescript', { groupId: 'seen' }),
  ],
  enqueues: ['triggers-typescript'],
}

export const handler = async (_given, { getData, match, trigger }) => {
  const note = (data) =>
    stateManager.set('journal-triggers-typescript', trigger.type, { kind: trigger.type, index: trigger.index, data })
  return match({
    http: async ({ request }) => {
      await enqueue({ topic: 'triggers-typescript', data: request.body })
      return { status: 200, body: { kind: 'http', index: trigger.index, data: getData() } }
    },
    queue: async (data) => {
      await note(data)
      await watched.set('unseen', '1', data)
      await watched.set('seen', '1', data)
    },
    stream: async (change) => {
      const scopes = await stateManager.listGroups()
      const groups = await watched.listGroups()
      await note({ type: change.event.type, groups, state: scopes.includes('journal-triggers-typescript') })
    },
  })
}
