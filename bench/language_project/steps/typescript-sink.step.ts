import { seen } from './seen'

export const config = { type: 'event', name: 'SinkTypeScript', subscribes: ['typescript'], emits: [], queue: { concurrency: 64 } }
export const handler = async () => {
  seen.count += 1
}
