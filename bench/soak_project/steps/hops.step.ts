import { hops } from '../hops'

export const config = { type: 'api', name: 'Hops', path: '/hops', method: 'GET', emits: [] }
export const handler = async () => ({ status: 200, body: hops.splice(0) })
