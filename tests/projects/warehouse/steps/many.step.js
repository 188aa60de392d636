/** One step with five triggers, whose handler looks at what started it. */

import { Stream, stateManager } from 'motia'

const shelf = new Stream('js-shelf')

export const config = {
  name: 'JsMany',
  triggers: [
    { type: 'http', method: 'GET', path: '/js/many' },
    { type: 'queue', topic: 'js.many' },
    { type: 'cron', expression: '0 0 0 1 1 * 2099' },
    { type: 'state', condition: (change) => change.group_id === 'js-stock' && change.scope === 'js-stock' },
    { type: 'stream', streamName: 'js-shelf', groupId: 'front' },
  ],
  enqueues: [],
  flows: ['warehouse'],
}

export const handler = async (given, { getData, is, match, trigger }) => {
  const note = (key, what) =>
    stateManager.set('js-log', key, { kind: key, what, is: [is.queue(given), is.state(given), is.stream(given)] })
  return match({
    http: async () => ({
      status: 200,
      body: { log: await stateManager.list('js-log'), data: getData(), trigger },
    }),
    queue: async (data) => {
      await note('queue', data)
      await shelf.set('front', data.id, { n: data.n })
      await shelf.set('back', data.id, { n: data.n })
    },
    cron: () => note('cron', null),
    state: (change) => note('state', { type: change.event_type, old: change.old_value, new: change.new_value }),
    stream: (change) =>
      note('stream', { group: change.groupId, type: change.event.type, n: change.event.data.n }),
  })
}
