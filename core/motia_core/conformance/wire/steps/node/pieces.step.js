export const config = { type: 'api', name: 'WirePieces', path: '/wire/pieces', method: 'POST', emits: [] }

async function* pieces() {
  for (let n = 0; n < 16; n++) yield 'x'.repeat(1000)
}

export const handler = async () => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: pieces() })
