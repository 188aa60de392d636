// The published stream clients of Motia 0.x, as they are, against a core. Arguments: its WebSocket URL, its HTTP URL,
// and which client: node, browser or react. Prints what each saw as JSON.
import { Stream as BrowserStream } from '@motiadev/stream-client-browser'
import { Stream as NodeStream } from '@motiadev/stream-client-node'
import WebSocket from 'ws'

const [url, http, kind] = process.argv.slice(2)
globalThis.WebSocket = WebSocket // Node before 22 has none

const post = (path, body) =>
  fetch(`${http}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function until(look, what) {
  for (let tries = 0; tries < 400; tries++) {
    const found = look()
    if (found) return found
    await pause(25)
  }
  throw new Error(`never came: ${what}`)
}

const names = (items) => items.map(({ id, text }) => `${id}:${text}`)

async function plain(open) {
  const group = `old-${kind}`
  const seen = {}
  await post(`/put/board/${group}/b`, { text: 'zwei' })
  const stream = open()
  await until(() => stream.ws.isOpen(), 'the connection')
  const ofGroup = stream.subscribeGroup('board', group)
  const sorted = stream.subscribeGroup('board', group, 'text')
  const ofItem = stream.subscribeItem('board', group, 'a')
  const states = []
  ofGroup.addChangeListener((items) => states.push(names(items)))
  await until(() => ofGroup.getState().length === 1, 'the sync')
  await post(`/put/board/${group}/a`, { text: 'eins' })
  await until(() => ofItem.getState()?.text === 'eins', 'the new item')
  await until(() => ofGroup.getState().length === 2, 'the new item in the group')
  // In the same millisecond: clients of 0.x ignore what is not newer.
  await Promise.all(Array.from({ length: 20 }, (_, n) => post(`/change/board/${group}/a`, { operations: [{ type: 'set', path: '/n', value: n }, { type: 'increment', path: '/count' }] })))
  await until(() => ofItem.getState().count === 20, 'twenty updates')
  await until(() => ofGroup.getState().find(({ id }) => id === 'a').count === 20, 'twenty updates of the group')
  seen.sorted = names(sorted.getState())
  const events = []
  ofGroup.onEvent('ping', (data) => events.push(['group', data]))
  ofItem.onEvent('ping', (data) => events.push(['item', data]))
  await post(`/change/board/${group}/-`, { event: { type: 'ping', data: 1 } })
  await post(`/change/board/${group}/a`, { event: { type: 'ping', data: 2 } })
  await until(() => events.length >= 3, 'events')
  await post(`/change/board/${group}/missing`, {}) // crashed clients of groups in 0.x
  await post(`/change/board/${group}/b`, {})
  await until(() => ofGroup.getState().length === 1, 'the removal')
  await post(`/change/board/${group}/a`, {})
  await until(() => ofItem.getState() === null, 'the removal of the item')
  seen.events = events
  seen.states = [states[0], states.at(-1)]
  const denied = []
  const secret = stream.subscribeGroup('board', 'secret')
  secret.onEvent('error', (data) => denied.push(data))
  const unknown = stream.subscribeGroup('nothing', 'g')
  unknown.onEvent('error', (data) => denied.push(data))
  await until(() => denied.length === (kind === 'node' ? 2 : 1), 'refusals')
  seen.denied = denied.map(({ code, message }) => [code, message])
  ofGroup.close()
  await post(`/put/board/${group}/c`, { text: 'drei' })
  await pause(200)
  seen.afterClose = ofGroup.getState().length
  // It connects again after two seconds, and reads everything anew.
  const again = stream.subscribeGroup('board', group)
  await until(() => again.getState().length === 1, 'the sync of another subscription')
  stream.ws.ws.close()
  await post(`/put/board/${group}/d`, { text: 'vier' })
  await until(() => again.getState().length === 2, 'the sync after a new connection')
  seen.again = names(again.getState())
  stream.close()
  return seen
}

// What the Workbench of 0.x reads.
async function inside() {
  const stream = new NodeStream(url)
  const ofGroup = (name, group = 'default') => stream.subscribeGroup(name, group)
  const subscribed = { flows: ofGroup('__motia.flows'), runs: ofGroup('motia-trace-group'), logs: ofGroup('__motia.logs') }
  await until(() => subscribed.flows.getState().length > 0, 'the flows')
  await post('/put/board/inside/a', { text: 'eins' })
  const run = await until(() => subscribed.runs.getState().find(({ name }) => name === 'Put'), 'the run')
  const trace = ofGroup('motia-trace', run.id)
  const done = await until(() => trace.getState().find(({ status }) => status === 'completed'), 'its trace')
  stream.close()
  return { name: done.name, events: done.events.map(({ type, streamName, operation }) => [type, streamName, operation]) }
}

async function react() {
  const { Window } = await import('happy-dom')
  const window = new Window({ url: http })
  Object.assign(globalThis, { window, document: window.document, IS_REACT_ACT_ENVIRONMENT: true })
  if (!('navigator' in globalThis)) globalThis.navigator = window.navigator
  const { act, createElement: h } = await import('react')
  const { createRoot } = await import('react-dom/client')
  const { MotiaStreamProvider, useStreamGroup, useStreamItem, useStreamEventHandler } = await import('@motiadev/stream-client-react')
  const group = 'old-react'
  await post(`/put/board/${group}/a`, { text: 'eins' })
  const events = []
  function Board() {
    const { data, event } = useStreamGroup({ streamName: 'board', groupId: group, sortKey: 'text' })
    const { data: item } = useStreamItem({ streamName: 'board', groupId: group, id: 'a' })
    useStreamEventHandler({ event, type: 'ping', listener: (data) => events.push(data) }, [])
    return h('p', null, `${names(data).join(' ')}|${item?.text}`)
  }
  const host = document.createElement('div')
  const root = createRoot(host)
  await act(() => root.render(h(MotiaStreamProvider, { address: url }, h(Board))))
  const shows = async (text) => {
    for (let tries = 0; host.textContent !== text; tries++) {
      if (tries > 200) throw new Error(`never came: ${text}; there is ${host.textContent}`)
      await act(() => pause(25))
    }
    return text
  }
  const seen = [await shows('a:eins|eins')]
  await post(`/put/board/${group}/b`, { text: 'drei' })
  seen.push(await shows('b:drei a:eins|eins'))
  await post(`/put/board/${group}/a`, { text: 'zwei' })
  seen.push(await shows('b:drei a:zwei|zwei'))
  await post(`/change/board/${group}/-`, { event: { type: 'ping', data: 7 } })
  for (let tries = 0; events.length === 0 && tries < 200; tries++) await act(() => pause(25))
  await act(() => root.unmount())
  return { seen, events }
}

const kinds = {
  react,
  inside,
  node: () => plain(() => new NodeStream(url)),
  browser: () => plain(() => new BrowserStream(url, { protocols: ['Authorization', 'ada'] })),
}
const found = await kinds[kind]()
console.log(JSON.stringify(found))
process.exit(0)
