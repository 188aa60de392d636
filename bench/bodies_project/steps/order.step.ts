const line = {
  type: 'object',
  properties: { sku: { type: 'string', pattern: '^[A-Z]{3}-\\d+$' }, quantity: { type: 'integer', minimum: 1 } },
  required: ['sku', 'quantity'],
}

export const config = {
  type: 'api',
  name: 'order ts',
  method: 'POST',
  path: '/ts/orders',
  emits: [],
  bodySchema: {
    type: 'object',
    properties: {
      customer: { type: 'string', minLength: 1 },
      email: { type: 'string', format: 'email' },
      lines: { type: 'array', items: line, minItems: 1 },
      note: { type: ['string', 'null'] },
    },
    required: ['customer', 'email', 'lines'],
  },
}

export const handler = async (req: any) => ({ status: 200, body: { lines: req.body.lines.length } })
