console.error('Missing environment variables: DATABASE_URL')
if (process.env.DATABASE_URL === undefined) process.exit(1)
export const config = { type: 'api', name: 'exits', method: 'GET', path: '/exits', emits: [] }
export const handler = async () => ({ status: 200 })
