import type { EventConfig, Handlers } from 'motia'
import { z } from 'zod'

const input = z.object({ ticket: z.string(), copies: z.number().default(2) })

export const config: EventConfig = {
  type: 'event',
  name: 'PrintTicket',
  subscribes: ['seat.booked'],
  emits: [],
  input,
}

export const handler: Handlers['PrintTicket'] = async (input, { emit, logger }) => {
  logger.info(input.ticket.toUpperCase(), { copies: input.copies.toFixed() })
  await emit({ topic: 'anything', data: { at: 1 } })
  await emit({ topic: 'seat.audit', data: { at: 'now' }, messageGroupId: 'a' })
  // @ts-expect-error not in the input
  logger.info(input.tickets)
  // @ts-expect-error a topic is a text
  await emit({ topic: 1 })
}
