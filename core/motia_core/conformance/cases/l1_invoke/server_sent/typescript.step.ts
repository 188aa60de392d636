import { sse } from 'motia'

export const config = { type: 'api', name: 'events typescript', method: 'GET', path: '/typescript/events', emits: [] }

async function* events() {
  yield 'one'
  yield { event: 'tick', id: 2, data: { n: 2 } }
  yield { n: 3 }
  yield 'two\nlines'
}

export const handler = async () => sse(events())
