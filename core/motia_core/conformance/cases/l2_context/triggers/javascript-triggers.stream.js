export const config = {
  name: 'triggers-javascript',
  schema: { type: 'object' },
  baseConfig: { storageType: 'default' },
}
