import { core } from '../middlewares/core.middleware'

export const config = { type: 'api', name: 'no file', method: 'GET', path: '/no-file', emits: [], middleware: [core] }
export const handler = async () => ({ status: 200 })
