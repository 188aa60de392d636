import type { StreamConfig } from 'motia'
import { z } from 'zod'

export const config: StreamConfig = {
  name: 'ts-shelf',
  schema: z.object({ n: z.number() }),
  baseConfig: { storageType: 'default' },
  onJoin: async (subscription, _context, authContext) => ({
    unauthorized: subscription.groupId === 'locked' && authContext?.user !== 'keeper',
  }),
}
