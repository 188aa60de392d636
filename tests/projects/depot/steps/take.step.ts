/** A step in the usual form of 1.0: the types of the handler come from its own config. */

import { enqueue, type Handlers, http, initIII, queue, type StepConfig, stateManager } from 'motia'
import { z } from 'zod'

initIII({ enabled: false })

const parcel = z.object({ id: z.string(), kilos: z.number() })

export const config = {
  name: 'Take',
  triggers: [
    http('POST', '/parcels', { bodySchema: parcel, responseSchema: { 202: z.object({ id: z.string() }) } }),
    queue('parcel.found', { input: parcel }),
  ],
  enqueues: ['parcel.taken'],
} as const satisfies StepConfig

export const handler: Handlers<typeof config> = async (input, ctx) => {
  const { id, kilos } = ctx.getData()
  await stateManager.set('parcels', id, { id, kilos })
  await enqueue({ topic: 'parcel.taken', data: { id } })
  return ctx.match({
    http: async ({ request }) => ({ status: 202, body: { id: request.body.id } }),
    queue: async (data) => {
      const found: number = data.kilos
      // @ts-expect-error: a parcel has no colour
      ctx.logger.info('found', { input, found, colour: data.colour })
    },
  })
}
