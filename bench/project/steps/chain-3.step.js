import { now, seen } from './seen'

export const config = { type: 'event', name: 'Chain3', subscribes: ['chain.3'], emits: [] }
export const handler = async (input) => {
  seen.chains.push(now() - input.at)
}
