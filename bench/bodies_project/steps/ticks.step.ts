import { sse } from 'motia'

export const config = { type: 'api', name: 'ticks ts', method: 'GET', path: '/ts/ticks', emits: [] }

async function* ticks() {
  for (let n = 0; ; n += 1) {
    yield { n, at: performance.timeOrigin + performance.now() }
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

export const handler = async () => sse(ticks())
