export const config = { type: 'api', name: 'responses javascript', method: 'GET', path: '/javascript/responses/:kind', emits: [] }

export const handler = async (req, context) => {
  switch (req.pathParams.kind) {
    case 'text':
      return { status: 200, body: '<p>hi</p>' }
    case 'css':
      return { status: 200, headers: { 'Content-Type': 'text/css' }, body: 'p {}' }
    case 'bytes':
      return { status: 200, body: Buffer.from([0, 255, 10]) }
    case 'array':
      return { status: 201, body: [1, null] }
    case 'null':
      return { status: 200, body: null }
    case 'cookies':
      return { status: 302, headers: { 'Set-Cookie': ['a=1', 'b=2'], Location: '/x' }, body: '' }
    default:
      return { status: 204, body: null }
  }
}
