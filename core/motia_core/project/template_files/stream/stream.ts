import type { StreamConfig } from 'motia'

export const config: StreamConfig = {
  name: '{{name}}',
  baseConfig: { storageType: 'default' },
  schema: {
    type: 'object',
    properties: { text: { type: 'string' } },
    required: ['text'],
  },
}
