import { sse } from 'motia'

export const config = { type: 'api', name: 'left javascript', method: 'GET', path: '/javascript/left', emits: [] }

async function* events(context) {
  await context.state.set('journal-left-javascript', '1', { n: 1 })
  try {
    for (let n = 0; n < 600; n += 1) {
      yield 'going on'
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  } finally {
    await context.state.set('journal-left-javascript', '2', { n: 2, cancelled: context.signal.aborted })
  }
}

export const handler = async (req, context) => sse(events(context))
