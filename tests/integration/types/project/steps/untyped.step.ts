import type { EventConfig, Handlers } from 'motia'

interface Untyped {
  seat: string
}

export const config: EventConfig = { type: 'event', name: 'Untyped', subscribes: ['seat.untyped'], emits: [] }

export const handler: Handlers['Untyped'] = async (input: Untyped, { logger, traceId }) => {
  logger.info(input.seat, { traceId })
}
