/** A step of 0.x beside those of 1.0, whose handler has its type by name. */

import type { ApiRouteConfig, Handlers } from 'motia'

export const config: ApiRouteConfig = {
  type: 'api',
  name: 'Weigh',
  method: 'POST',
  path: '/weigh/:id',
  bodySchema: { type: 'object', properties: { kilos: { type: 'number' } }, required: ['kilos'] },
  emits: [],
}

export const handler: Handlers['Weigh'] = async (req) => {
  const id: string = req.pathParams.id
  // @ts-expect-error: kilos are a number
  const kilos: string = req.body.kilos
  return { status: 200, body: { id, kilos } }
}
