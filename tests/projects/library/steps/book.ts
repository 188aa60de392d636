export const bookSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: {
    isbn: { type: 'string', pattern: '^[0-9]{4,13}$' },
    title: { type: 'string', minLength: 1, maxLength: 200, description: 'As on the cover.', examples: ['Emma'] },
    year: { type: 'integer', minimum: 1400, maximum: 2100 },
    author: { $ref: '#/definitions/Author' },
    tags: { type: 'array', items: { type: 'string', maxLength: 20 }, maxItems: 5, default: [] },
    size: { type: 'array', items: [{ type: 'number' }, { type: 'number' }], additionalItems: false, minItems: 2 },
  },
  required: ['isbn', 'title', 'author'],
  additionalProperties: false,
  definitions: {
    Author: {
      type: 'object',
      properties: { name: { type: 'string', minLength: 1 }, born: { type: ['integer', 'null'] } },
      required: ['name'],
      additionalProperties: false,
    },
  },
}

// what is answered: the same but for the pair, which schemathesis cannot read in responses
export const shownSchema = {
  ...bookSchema,
  properties: { ...bookSchema.properties, size: { type: 'array', items: { type: 'number' } } },
}

export const failureSchema = {
  type: 'object',
  properties: { error: { type: 'string' } },
  required: ['error'],
}
