export const config = { type: 'api', name: 'streamed javascript', method: 'GET', path: '/javascript/streamed/:how', emits: [] }

async function* text() {
  yield* ['one ', 'two ', 'three']
}

function* octets() {
  yield Buffer.from([0, 255, 10])
  yield new Uint8Array([0, 255, 10])
}

async function* objects() {
  yield { n: 1 }
  yield { n: 2 }
}

async function* large() {
  for (let n = 0; n < 30; n += 1) yield 'x'.repeat(100_000)
}

async function* nothing() {}

async function* failing(pieces) {
  yield* pieces
  throw new Error('on purpose')
}

export const handler = async (req, context) => {
  const { how } = req.pathParams
  if (how === 'text') return { status: 200, headers: { 'x-own': '1' }, body: ReadableStream.from(text()) }
  if (how === 'bytes') return { status: 200, body: octets() }
  if (how === 'objects') return { status: 200, body: objects() }
  if (how === 'typed')
    return { status: 200, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body: ['<p>', '1</p>'].values() }
  if (how === 'large') return { status: 200, body: large() }
  if (how === 'empty') return { status: 201, body: nothing() }
  return { status: 200, body: failing(how === 'refused' ? [] : ['the beginning']) }
}
