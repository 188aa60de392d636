export const config = {
  type: 'cron',
  name: 'CountGreetings',
  description: 'Every minute: how many greetings there are',
  cron: '* * * * *',
  emits: [],
  flows: ['greetings'],
}

export const handler = async ({ logger, state }) => {
  const greetings = await state.getGroup('greetings')
  logger.info('Greetings so far', { count: greetings.length })
}
