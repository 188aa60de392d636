export const config = {
  name: 'triggers-typescript',
  schema: { type: 'object' },
  baseConfig: { storageType: 'default' },
}
