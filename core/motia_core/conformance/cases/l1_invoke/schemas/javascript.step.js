export const config = {
  type: 'api',
  name: 'schemas javascript',
  method: 'POST',
  path: '/javascript/schemas/:id',
  emits: [],
  bodySchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
  pathSchema: { type: 'object', properties: { id: { type: 'integer' } } },
  querySchema: {
    type: 'object',
    properties: {
      page: { type: 'integer', minimum: 1 },
      tag: { type: 'array', items: { type: 'string' } },
      size: { type: 'integer', default: 10 },
    },
  },
  headersSchema: { type: 'object', properties: { 'X-Tier': { enum: ['free', 'paid'] } } },
  responseSchema: { 200: { type: 'object', required: ['body'] } },
}

export const handler = async (req) => {
  if (req.body.name === 'wrong') return { status: 200, body: {} }
  return { status: 200, body: { body: req.body, path: req.pathParams, query: req.queryParams } }
}
