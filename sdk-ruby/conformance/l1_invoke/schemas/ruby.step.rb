# frozen_string_literal: true

def config
  {
    type: 'api', name: 'schemas ruby', method: 'POST', path: '/ruby/schemas/:id', emits: [],
    body_schema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
    path_schema: { type: 'object', properties: { id: { type: 'integer' } } },
    query_schema: {
      type: 'object',
      properties: {
        page: { type: 'integer', minimum: 1 },
        tag: { type: 'array', items: { type: 'string' } },
        size: { type: 'integer', default: 10 }
      }
    },
    headers_schema: { type: 'object', properties: { 'X-Tier' => { enum: %w[free paid] } } },
    response_schema: { 200 => { type: 'object', required: ['body'] } }
  }
end

def handler(req, _context)
  return { status: 200, body: {} } if req.body.name == 'wrong'

  { status: 200, body: { body: req.body, path: req.pathParams, query: req.queryParams } }
end
