import { enqueue, http, queue, Stream, stateManager, stream } from 'motia'

const watched = new Stream('triggers-javascript')

export const config = {
  name: 'triggers javascript',
  triggers: [
    http('POST', '/javascript/triggers', {}, (request) => request.body.n > 0),
    queue('triggers-javascript'),
    stream('triggers-javascript', { groupId: 'seen' }),
  ],
  enqueues: ['triggers-javascript'],
}

export const handler = async (_given, { getData, match, trigger }) => {
  const note = (data) =>
    stateManager.set('journal-triggers-javascript', trigger.type, { kind: trigger.type, index: trigger.index, data })
  return match({
    http: async ({ request }) => {
      await enqueue({ topic: 'triggers-javascript', data: request.body })
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
      await note({ type: change.event.type, groups, state: scopes.includes('journal-triggers-javascript') })
    },
  })
}
