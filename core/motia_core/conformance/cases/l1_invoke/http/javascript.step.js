export const config = { type: 'api', name: 'http javascript', method: 'GET', path: '/javascript/http/:kind', emits: [] }

export const handler = async (req, context) => {
  switch (req.pathParams.kind) {
    case 'cors':
      return { status: 200, headers: { 'Access-Control-Allow-Origin': 'https://a.example' }, body: {} }
    case 'moved': {
      const cookies = ['a=1; Path=/; HttpOnly', 'b=2']
      return { status: 303, headers: { Location: '/elsewhere?a=b', 'Set-Cookie': cookies }, body: {} }
    }
    case 'version':
      return { status: 200, headers: { ETag: '"v1"', 'Last-Modified': 'Sun, 01 Jan 2023 00:00:00 GMT' }, body: { v: 1 } }
    default:
      return { status: 200, body: {} }
  }
}
