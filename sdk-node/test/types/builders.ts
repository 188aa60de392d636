/** Steps in builder style: what a handler gets and may return follows from the config. */

import { api, cron, event, http, multiTriggerStep, type StepConfig, step } from 'motia'
import { z } from 'zod'
import { z as z4 } from 'zod4'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const is = <T extends true>(_?: T): void => {}

const order = z.object({ id: z.string(), total: z.number() })
const order4 = z4.object({ id: z4.string(), total: z4.number() })

export const create = api('POST', '/shops/:shop/orders/:id', {
  bodySchema: order4,
  querySchema: z4.object({ page: z4.coerce.number() }),
  emits: ['order.seen', { topic: 'order.created', schema: order4 }],
  responseSchema: { 201: z4.object({ id: z4.string() }), 409: z4.object({ error: z4.string() }) },
}).handle(async (req, { emit }) => {
  is<Same<typeof req.body, { id: string; total: number }>>()
  is<Same<typeof req.pathParams, { shop: string; id: string }>>()
  is<Same<typeof req.queryParams, { page: number }>>()
  await emit({ topic: 'order.seen' })
  await emit({ topic: 'order.created', data: req.body, delay: '5s' })
  // @ts-expect-error: not among emits
  await emit({ topic: 'order.lost', data: req.body })
  // @ts-expect-error: not what the schema says
  await emit({ topic: 'order.created', data: { id: 1 } })
  return req.body.total > 0 ? { status: 201, body: { id: req.body.id } } : { status: 409, body: { error: 'empty' } }
})

export const old = api('PUT', '/orders', { bodySchema: order }).handle(async (req, { emit }) => {
  is<Same<typeof req.body, { id: string; total: number }>>()
  is<Same<typeof req.queryParams, Record<string, string | string[]>>>()
  await emit({ topic: 'anything', data: 1 })
  return { status: 200, body: req.body }
})

// @ts-expect-error: not one of the responses
export const wrong = api('GET', '/x', { responseSchema: { 200: order4 } }).handle(async () => ({
  status: 200,
  body: 1,
}))

// @ts-expect-error: not a field of the config
export const unknown = api('GET', '/x', { bodyShema: order4 })

export const handled = event(['a', 'b'], { input: order4, emits: ['c'], queue: { maxRetries: 1 } }).handle(
  async (input, { emit }) => {
    is<Same<typeof input, { id: string; total: number }>>()
    await emit({ topic: 'c', data: input })
  },
)

export const watched = event({ watches: { stream: 'board', group: 'open' } }).handle(async (change, { logger }) => {
  logger.info('changed', change)
})

export const nightly = cron('0 3 * * *', { timezone: 'UTC', catchUp: 'once' }).handle(async ({ state }) => {
  await state.clear('today')
})

export const tested: Promise<unknown> = Promise.resolve(nightly.handler({} as never))

export const plain = step({ type: 'event', name: 'Plain', subscribes: ['t'], emits: [] }).handle(async () => {})

export const config = {
  name: 'OneDotOh',
  triggers: [api('GET', '/one'), http('POST', '/one', { bodySchema: order4 }, (request) => request.body.total > 0)],
  enqueues: ['x'],
} as const satisfies StepConfig

export const many = multiTriggerStep(config)
  .onHttp(async ({ request }, { trigger }) => ({ status: 200, body: { method: request.method, at: trigger.index } }))
  .handlers()
