import type { StreamConfig } from 'motia'
import { z } from 'zod'

export const config: StreamConfig = {
  name: 'visits',
  baseConfig: { storageType: 'default' },
  schema: z.union([z.object({ stage: z.literal('booked') }), z.object({ stage: z.literal('done') })]) as never,
}
