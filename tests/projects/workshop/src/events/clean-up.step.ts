export const config = { type: 'cron', name: 'clean up', cron: process.env.CLEAN_UP_AT || '0 0 3 * * *', emits: [] }
export const handler = async ({ logger }: any) => logger.info('cleaned up')
