// Our TypeScript client against a core. Arguments: the WebSocket URLs of Ada and of Bob, and the core's HTTP URL. Prints
// what they saw as JSON.
import { createRequire } from 'node:module'
import { StreamClient } from '../../../sdk-node/dist/client/index.js'

// Node before 22 has no WebSocket; the client takes the package where it runs, the test keeps a hand on its sockets.
const WebSocket = createRequire(new URL('../../../sdk-node/package.json', import.meta.url))('ws')
const sockets = []
globalThis.WebSocket = class extends WebSocket {
  constructor(...args) {
    super(...args)
    sockets.push(this)
  }
}

const [adaUrl, bobUrl, http] = process.argv.slice(2)
const post = (path, body) =>
  fetch(`${http}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

async function until(look) {
  for (let tries = 0; !look(); tries++) {
    if (tries > 1000) throw new Error(`never: ${look}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
const code = (promise) => promise.then(() => 'nothing', (error) => error.code)

const ada = new StreamClient(adaUrl)
const bob = new StreamClient(bobUrl)
const ofAda = ada.group('board', 'room', { presence: true })
await ofAda.ready
const ofBob = bob.group('board', 'room', { presence: true })
await ofBob.ready
await until(() => ofAda.members.length === 2)
const members = ofAda.members.map(({ info }) => info).sort((a, b) => a.user.localeCompare(b.user))

await ofBob.send('say', { text: 'hello' }, { id: 'first' })
await until(() => ofAda.items.length === 1)
const { text, by, type } = ofAda.items[0]
const refused = [
  await code(ofBob.send('shout', { text: 'x' })),
  await code(ofBob.send('say', {})),
  await code(bob.group('board', 'secret').ready),
]

const heard = []
ofAda.on('ping', (data) => heard.push(data))
await post('/change/board/room/-', { event: { type: 'ping', data: 7 } })
await until(() => heard.length === 1)
const before = [...heard]

// The network is gone, without a word; meanwhile things happen.
let syncs = 0
const replace = ofAda.replace
if (replace) ofAda.replace = (...args) => (syncs++, replace.apply(ofAda, args))
sockets[0].terminate()
await until(() => ofAda.status === 'offline')
await post('/put/board/room/late', { n: 1 })
await post('/change/board/room/-', { event: { type: 'ping', data: 8 } })
await until(() => ofAda.status === 'live' && heard.length === 2 && ofAda.items.length === 2)
const afterCut = { items: ofAda.items.map(({ id }) => id), syncs, heard: [...heard] }

bob.close()
await until(() => ofAda.members.length === 1)
console.log(JSON.stringify({ members, said: { text, by, type }, refused, heard: before, afterCut, left: ofAda.members.length }))
ada.close()
