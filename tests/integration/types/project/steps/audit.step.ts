import type { EventConfig, StepHandler } from 'motia'

export const config = {
  type: 'event',
  name: 'Audit',
  subscribes: ['seat.audit'],
  emits: ['seat.booked'],
  input: { type: 'object', properties: { at: { type: 'string' } }, required: ['at'] },
  infrastructure: { queue: { type: 'fifo' } },
} satisfies EventConfig

export const handler: StepHandler<typeof config> = async (input, { emit }) => {
  await emit({ topic: 'seat.booked', data: { ticket: input.at, price: 1 } })
}
