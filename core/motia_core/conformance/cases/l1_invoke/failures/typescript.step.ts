export const config = { type: 'api', name: 'failures typescript', method: 'GET', path: '/typescript/failures/:kind', emits: [] }

export const handler = async (req, context) => {
  switch (req.pathParams.kind) {
    case 'raises':
      throw new TypeError('secret')
    case 'nothing':
      return undefined
    case 'status':
      return { status: 99, body: {} }
    case 'circular': {
      const body = {}
      body.self = body
      return { status: 200, body }
    }
    default:
      return 7
  }
}
