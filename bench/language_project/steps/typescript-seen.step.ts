import { seen } from './seen'

export const config = { type: 'api', name: 'SeenTypeScript', path: '/typescript/seen', method: 'GET', emits: [] }
export const handler = async () => ({ status: 200, body: seen })
