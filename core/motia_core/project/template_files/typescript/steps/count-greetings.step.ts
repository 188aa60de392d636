import type { CronConfig, Handlers } from 'motia'

export const config: CronConfig = {
  type: 'cron',
  name: 'CountGreetings',
  description: 'Every minute: how many greetings there are',
  cron: '* * * * *',
  emits: [],
  flows: ['greetings'],
}

export const handler: Handlers['CountGreetings'] = async ({ logger, state }) => {
  const greetings = await state.getGroup('greetings')
  logger.info('Greetings so far', { count: greetings.length })
}
