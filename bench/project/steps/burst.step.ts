import { now } from './seen'

// Emits body.count events with body.inFlight of them unacknowledged at a time; answers when all are on disk.
export const config = { type: 'api', name: 'Burst', path: '/burst/:topic', method: 'POST', emits: [] }
export const handler = async (req: any, { emit }: any) => {
  const { count, inFlight } = req.body
  const topic = req.pathParams.topic
  const begin = now()
  let left = count
  const lane = async () => {
    while (left-- > 0) await emit({ topic, data: { at: now() } })
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return { status: 200, body: { ms: now() - begin } }
}
