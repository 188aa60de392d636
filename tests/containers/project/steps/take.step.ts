import type { ApiRouteConfig, Handlers } from 'motia'

export const config: ApiRouteConfig = {
  type: 'api',
  name: 'Take',
  method: 'POST',
  path: '/parcels',
  emits: ['parcel.taken'],
}

// An answer of 202 says: this parcel will be delivered, whatever happens.
export const handler: Handlers['Take'] = async (req, { emit }) => {
  const { id } = req.body as { id: string }
  await emit({ topic: 'parcel.taken', data: { id, through: ['typescript'] } })
  return { status: 202, body: { id } }
}
