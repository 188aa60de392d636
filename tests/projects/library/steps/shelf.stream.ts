export const config = {
  name: 'shelf',
  schema: { type: 'object', properties: { isbn: { type: 'string' } }, required: ['isbn'] },
  baseConfig: { storageType: 'default' },
}
