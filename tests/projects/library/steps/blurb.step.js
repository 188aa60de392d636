export const config = {
  type: 'api',
  name: 'Blurb',
  description: 'What the cover says',
  method: 'GET',
  path: '/books/:isbn/blurb/:language(en|de)?',
  emits: [],
  headersSchema: {
    type: 'object',
    properties: { 'x-reader': { type: 'string', minLength: 1, maxLength: 40, description: 'Who asks.' } },
  },
  responseSchema: { 200: { type: 'string' } },
}

export const handler = async (req) => ({
  status: 200,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: `${req.pathParams.language ?? 'en'}: a book for ${req.headers['x-reader'] ? 'you' : 'everybody'}`,
})
