export const config = {
  type: 'api',
  name: 'Work',
  path: '/work',
  method: 'POST',
  emits: ['chain', 'ordered', 'fragile'],
}
export const handler = async ({ body }: any, { emit }: any) => {
  const { n, at } = body
  const events = [
    { topic: 'chain', data: { n, at } },
    { topic: 'ordered', data: { n }, messageGroupId: `${n % 7}` },
    { topic: 'fragile', data: { n }, idempotencyKey: `${n % 20_000}`, idempotencyWindow: '30s' },
  ]
  await Promise.all(events.map((event) => emit(event)))
  return { status: 202, body: {} }
}
