/** One step with five triggers, each with a handler of its own. */

import { cron, http, multiTriggerStep, queue, Stream, state, stateManager, stream } from 'motia'
import { config as shelfConfig } from '../streams/ts-shelf.stream'

const shelf = new Stream<{ n: number }>(shelfConfig)

const note = (key: string, what: unknown, is: unknown[]) =>
  stateManager.set('ts-log', key, { kind: key, what, is })

export const { config, handler } = multiTriggerStep({
  name: 'TsMany',
  triggers: [
    http('GET', '/ts/many'),
    queue('ts.many'),
    cron('0 0 0 1 1 * 2099'),
    state((change) => change.group_id === 'ts-stock' && change.scope === 'ts-stock'),
    stream('ts-shelf', { groupId: 'front' }),
  ],
  enqueues: [],
  flows: ['warehouse'],
})
  .onHttp(async (_, { getData, trigger }) => ({
    status: 200,
    body: { log: await stateManager.list('ts-log'), data: getData(), trigger },
  }))
  .onQueue(async (data, { is }) => {
    await note('queue', data, [is.queue(data), is.state(data), is.stream(data)])
    await shelf.set('front', data.id, { n: data.n })
    await shelf.set('back', data.id, { n: data.n })
  })
  .onCron(async () => {
    await note('cron', null, [])
  })
  .onState(async (change, { is }) => {
    const what = { type: change.event_type, old: change.old_value, new: change.new_value }
    await note('state', what, [is.queue(change), is.state(change), is.stream(change)])
  })
  .onStream(async (change, { is }) => {
    const what = { group: change.groupId, type: change.event.type, n: change.event.data.n }
    await note('stream', what, [is.queue(change), is.state(change), is.stream(change)])
  })
  .handlers()
