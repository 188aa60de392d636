import { now, seen } from './seen'

export const config = { type: 'event', name: 'SinkWide', subscribes: ['sink-wide'], emits: [], infrastructure: { queue: { concurrency: 64 } } }
export const handler = async (input: any) => {
  seen.count += 1
  seen.lastAt = now()
  seen.hops.push(seen.lastAt - input.at)
}
