import type { StreamConfig } from 'motia'

export const config: StreamConfig = {
  name: 'sent',
  baseConfig: { storageType: 'default' },
  schema: { type: 'object', properties: { stage: { enum: ['open'] } } } as never,
  canAccess: () => true,
}
