import { now, seen } from './seen'

export const config = { type: 'event', name: 'Sink', subscribes: ['sink'], emits: [] }
export const handler = async (input: any) => {
  seen.count += 1
  seen.lastAt = now()
  seen.hops.push(seen.lastAt - input.at)
}
