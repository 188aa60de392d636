export const config = {
  name: '{{name}}',
  baseConfig: { storageType: 'default' },
  schema: {
    type: 'object',
    properties: { text: { type: 'string' } },
    required: ['text'],
  },
}
