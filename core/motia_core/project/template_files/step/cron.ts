import type { CronConfig, Handlers } from 'motia'

export const config: CronConfig = {
  type: 'cron',
  name: '{{Name}}',
  description: '',
  cron: '{{cron}}',
  emits: [],
  flows: ['{{flow}}'],
}

export const handler: Handlers['{{Name}}'] = async ({ logger }) => {
  logger.info('{{Name}}')
}
