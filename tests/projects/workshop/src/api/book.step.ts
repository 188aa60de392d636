import { StepHandler } from 'motia'
import { Topic, visitSchema } from '@workshop/types'
import { errors } from '../../middlewares/errors'

const crypto = require('crypto')

export const config = {
  type: 'api',
  name: 'book',
  method: 'POST',
  path: '/visits',
  bodySchema: visitSchema,
  responseSchema: { 201: visitSchema },
  emits: [{ topic: Topic.Booked, label: 'Booked' }],
  flows: ['visits'],
  middleware: [errors],
} as const

export const handler: StepHandler<typeof config> = async (req: any, { emit, state, streams }: any) => {
  const visit = visitSchema.parse(req.body)
  const signature = crypto.createHmac('sha256', 'key').update(JSON.stringify(req.body)).digest('hex')
  await state.set('visits', visit.name, { ...visit, signature, host: req.headers.host })
  await emit({ topic: Topic.Booked, data: visit })
  const shown = await streams.visits.set('all', visit.name, { stage: 'booked' })
  return { status: 201, body: shown }
}
