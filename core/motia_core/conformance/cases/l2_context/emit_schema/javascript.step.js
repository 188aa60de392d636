export const config = {
  type: 'api',
  name: 'emit-schema javascript',
  method: 'GET',
  path: '/javascript/emit-schema',
  emits: ['emit-schema-javascript'],
}

export const handler = async (req, { emit }) => {
  await emit({ topic: 'emit-schema-javascript', data: { lang: 'javascript', n: 1 } })
  try {
    await emit({ topic: 'emit-schema-javascript', data: { lang: 'javascript', n: 'two' } })
  } catch (error) {
    return { status: 200, body: { refused: error.message.includes('violates the input schema') } }
  }
  return { status: 200, body: { refused: false } }
}
