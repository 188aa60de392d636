import { step } from 'motia'

export const config = { type: 'api', name: 'several javascript', method: 'GET', path: '/javascript/several', emits: [] }

export const handler = async () => ({ status: 200, body: { step: 'whole' } })

export const first = step(
  {
    type: 'api',
    name: 'several javascript first',
    method: 'POST',
    path: '/javascript/several/first',
    emits: ['several-javascript'],
  },
  async (req, { emit, logger }) => {
    logger.info('first of javascript')
    await emit({ topic: 'several-javascript', data: req.body })
    return { status: 200, body: { step: 'first' } }
  },
)

export const second = step({
  type: 'api',
  name: 'several javascript second',
  method: 'DELETE',
  path: '/javascript/several/second',
  emits: [],
}).handle(async () => ({ status: 200, body: { step: 'second' } }))

export const third = step(
  { type: 'event', name: 'several javascript third', subscribes: ['several-javascript'], emits: [] },
  async (data, { state }) => {
    await state.set('journal-several-javascript', 'only', data)
  },
)
