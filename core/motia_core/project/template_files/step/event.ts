import type { EventConfig, Handlers } from 'motia'

export const config: EventConfig = {
  type: 'event',
  name: '{{Name}}',
  description: '',
  subscribes: ['{{topic}}'],
  emits: [],
  flows: ['{{flow}}'],
}

export const handler: Handlers['{{Name}}'] = async (input, { logger }) => {
  logger.info('{{Name}}', { input })
}
