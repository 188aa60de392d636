// A plain broadcast server: what is posted goes to every client. Nothing is stored.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'

const { WebSocketServer } = createRequire(new URL('../../sdk-node/package.json', import.meta.url))('ws')
const note = JSON.stringify({ timestamp: Date.now(), streamName: 'board', event: { data: { text: 'x'.repeat(100) } } })
const server = createServer(async (request, response) => {
  let text = ''
  for await (const chunk of request) text += chunk
  const { count = 1 } = text === '' ? {} : JSON.parse(text)
  for (let number = 0; number < count; number++) for (const client of sockets.clients) client.send(note)
  response.end('{}')
})
const sockets = new WebSocketServer({ server, perMessageDeflate: false })
server.listen(Number(process.argv[2]), '127.0.0.1', 4096)
