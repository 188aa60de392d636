import type { ApiRouteConfig, Handlers } from 'motia'

export const config: ApiRouteConfig = {
  type: 'api',
  name: 'Book',
  description: 'Takes a booking',
  method: 'POST',
  path: '/bookings/:id',
  emits: ['booking.made'],
  flows: ['bookings'],
  bodySchema: {
    type: 'object',
    properties: { guest: { type: 'string', default: 'Ada' }, nights: { type: 'integer', default: 2 } },
    required: ['guest'],
  },
}

export const handler: Handlers['Book'] = async ({ pathParams: { id }, body }, { emit, state, logger }) => {
  await state.set('bookings', id, body)
  logger.info('booked', { id })
  await emit({ topic: 'booking.made', data: { id, ...body } })
  return { status: 201, body: { id } }
}
