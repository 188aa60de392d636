import { weatherKey } from '../lib/env'

export const config = { type: 'api', name: 'no key', method: 'GET', path: '/no-key', emits: [] }
export const handler = async () => ({ status: 200, body: weatherKey.length })
