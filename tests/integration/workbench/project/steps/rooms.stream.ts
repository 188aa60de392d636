import type { StreamConfig } from 'motia'

export const config: StreamConfig = {
  name: 'rooms',
  schema: { type: 'object', properties: { guest: { type: 'string' } } },
  baseConfig: { storageType: 'default' },
}
