export const config = {
  type: 'cron',
  name: '{{Name}}',
  description: '',
  cron: '{{cron}}',
  emits: [],
  flows: ['{{flow}}'],
}

export const handler = async ({ logger }) => {
  logger.info('{{Name}}')
}
