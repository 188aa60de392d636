import { hops } from '../hops'

export const config = { type: 'event', name: 'Counted', subscribes: ['counted'], emits: [] }
export const handler = async ({ at }: any) => {
  hops.push(Date.now() - at)
}
