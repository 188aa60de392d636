import { step } from 'motia'

export const config = { type: 'api', name: 'several typescript', method: 'GET', path: '/typescript/several', emits: [] }

export const handler = async () => ({ status: 200, body: { step: 'whole' } })

export const first = step(
  {
    type: 'api',
    name: 'several typescript first',
    method: 'POST',
    path: '/typescript/several/first',
    emits: ['several-typescript'],
  },
  async (req, { emit, logger }) => {
    logger.info('first of typescript')
    await emit({ topic: 'several-typescript', data: req.body })
    return { status: 200, body: { step: 'first' } }
  },
)

export const second = step({
  type: 'api',
  name: 'several typescript second',
  method: 'DELETE',
  path: '/typescript/several/second',
  emits: [],
}).handle(async () => ({ status: 200, body: { step: 'second' } }))

export const third = step(
  { type: 'event', name: 'several typescript third', subscribes: ['several-typescript'], emits: [] },
  async (data, { state }) => {
    await state.set('journal-several-typescript', 'only', data)
  },
)
