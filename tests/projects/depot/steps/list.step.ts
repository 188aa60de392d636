/** Triggers as objects, the handler narrowed by `is`. */

import { getInstance, type Handlers, type StepConfig, stateManager } from 'motia'
import { z } from 'zod'

export const config = {
  name: 'List',
  triggers: [
    {
      type: 'http',
      method: 'GET',
      path: '/parcels',
      responseSchema: { 200: z.object({ parcels: z.array(z.unknown()), engine: z.string() }) },
    },
    { type: 'cron', expression: '0 0 0 1 1 * 2099' },
    { type: 'state', condition: (change) => change.scope === 'nothing' },
  ],
  enqueues: [],
  flows: ['depot'],
} as const satisfies StepConfig

export const handler: Handlers<typeof config> = async (input, { is, logger }) => {
  if (is.state(input)) {
    const key: string = input.key
    logger.info('changed', { key })
    return
  }
  if (!is.http(input)) return
  const method: string = input.request.method
  logger.info('listing', { method })
  let engine = ''
  try {
    getInstance()
  } catch (error) {
    engine = String(error)
  }
  return { status: 200, body: { parcels: await stateManager.list('parcels'), engine } }
}

// @ts-expect-error: what the config does not say may not be returned
export const wrong: Handlers<typeof config> = async () => ({ status: 200, body: { parcels: 1 } })
