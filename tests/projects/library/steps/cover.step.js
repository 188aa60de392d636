export const config = {
  type: 'api',
  name: 'Cover',
  method: 'GET',
  path: '/covers/*',
  emits: [],
  responseSchema: { 200: { type: 'string', format: 'binary' } },
}

export const handler = async () => ({ status: 200, body: Buffer.from([0x89, 0x50, 0x4e, 0x47]) })
