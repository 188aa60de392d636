import { seen } from './seen'

export const config = { type: 'api', name: 'Seen', path: '/seen', method: 'GET', emits: [] }
export const handler = async (req: any) => {
  const body = { count: seen.count, lastAt: seen.lastAt, hops: seen.hops, chains: seen.chains }
  if (req.queryParams.reset) Object.assign(seen, { count: 0, hops: [], chains: [], lastAt: 0 })
  return { status: 200, body }
}
