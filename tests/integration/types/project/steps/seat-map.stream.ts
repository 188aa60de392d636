import type { StreamConfig } from 'motia'
import { z } from 'zod'

export const config: StreamConfig = {
  name: 'seat-map',
  schema: z.object({ row: z.string(), taken: z.boolean(), note: z.string().nullish() }),
  baseConfig: { storageType: 'default' },
}
