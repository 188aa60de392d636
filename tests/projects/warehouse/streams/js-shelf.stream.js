export const config = {
  name: 'js-shelf',
  schema: { type: 'object', properties: { n: { type: 'number' } } },
  baseConfig: { storageType: 'default' },
}
