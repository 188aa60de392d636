export const config = {
  type: 'api',
  name: 'emit-schema typescript',
  method: 'GET',
  path: '/typescript/emit-schema',
  emits: ['emit-schema-typescript'],
}

export const handler = async (req, { emit }) => {
  await emit({ topic: 'emit-schema-typescript', data: { lang: 'typescript', n: 1 } })
  try {
    await emit({ topic: 'emit-schema-typescript', data: { lang: 'typescript', n: 'two' } })
  } catch (error) {
    return { status: 200, body: { refused: error.message.includes('violates the input schema') } }
  }
  return { status: 200, body: { refused: false } }
}
