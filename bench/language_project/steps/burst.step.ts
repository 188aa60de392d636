// Emits body.count events with 64 of them unacknowledged at a time; answers when all are on disk.
export const config = { type: 'api', name: 'Burst', path: '/burst/:topic', method: 'POST', emits: [] }
export const handler = async (req: any, { emit }: any) => {
  let left = req.body.count
  const lane = async () => {
    while (left-- > 0) await emit({ topic: req.pathParams.topic, data: { n: left } })
  }
  await Promise.all(Array.from({ length: 64 }, lane))
  return { status: 200, body: { ok: true } }
}
