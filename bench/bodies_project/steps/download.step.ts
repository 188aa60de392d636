const BLOCK = Buffer.alloc(65536, 'x')

export const config = { type: 'api', name: 'download ts', method: 'GET', path: '/ts/download', emits: [] }

async function* blocks() {
  for (let n = 0; n < 1600; n += 1) yield BLOCK
}

export const handler = async () => ({ status: 200, body: blocks() })
