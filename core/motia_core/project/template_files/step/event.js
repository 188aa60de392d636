export const config = {
  type: 'event',
  name: '{{Name}}',
  description: '',
  subscribes: ['{{topic}}'],
  emits: [],
  flows: ['{{flow}}'],
}

export const handler = async (input, { logger }) => {
  logger.info('{{Name}}', { input })
}
