import type { ApiRouteConfig, Handlers } from 'motia'
import { z } from 'zod'

interface Ticket {
  seat: string
  price: number
}

export const config: ApiRouteConfig = {
  type: 'api',
  name: 'BookSeat',
  method: 'POST',
  path: '/shows/:show/seats/:row',
  bodySchema: z.object({ count: z.number().int().default(1), note: z.string().optional(), at: z.tuple([z.string(), z.number()]) }),
  responseSchema: {
    201: z.object({ ticket: z.string(), row: z.string() }),
    409: z.object({ reason: z.enum(['taken', 'closed']) }),
  },
  queryParams: [{ name: 'dry', description: 'books nothing' }],
  emits: ['seat.booked', { topic: 'seat.audit', label: 'always' }, 'seat.unheard', 'seat.untyped'],
  flows: ['seats'],
}

export const handler: Handlers['BookSeat'] = async (req, { emit, logger, streams, state }) => {
  const { row, show } = req.pathParams
  const { count, note, at } = req.body
  const price: number = count * at[1]
  const label: string | undefined = note?.trim()
  if (req.queryParams.dry) return { status: 409, body: { reason: 'closed' } }
  const ticket: Ticket = { seat: row, price }
  await state.set<Ticket>('tickets', show, ticket)
  await streams['seat-map'].set(show, row, { row, taken: true })
  await emit({ topic: 'seat.booked', data: { ticket: show, price: ticket.price } })
  await emit({ topic: 'seat.audit', data: { at: label ?? 'now' }, messageGroupId: show })
  await emit({ topic: 'seat.unheard', data: { anything: true } })
  await emit({ topic: 'seat.unheard' })
  await emit({ topic: 'seat.untyped', data: ticket })

  // @ts-expect-error not a parameter of the path
  logger.info(req.pathParams.seat)
  // @ts-expect-error not in the body
  logger.info(req.body.counts)
  // @ts-expect-error a number
  logger.info(req.body.count)
  // @ts-expect-error not an item of the stream
  await streams['seat-map'].set(show, row, { row: 1, taken: true })
  // @ts-expect-error no such stream
  await streams.other.get(show, row)
  // @ts-expect-error not declared in emits
  await emit({ topic: 'seat.freed', data: {} })
  // @ts-expect-error one subscriber needs the price
  await emit({ topic: 'seat.booked', data: { ticket: show } })
  // @ts-expect-error a fifo subscriber needs a group
  await emit({ topic: 'seat.audit', data: { at: 'now' } })
  return { status: 201, body: { ticket: show, row } }
}

// @ts-expect-error not a status of this step
export const wrongStatus: Handlers['BookSeat'] = async () => ({ status: 404, body: { reason: 'taken' } })
// @ts-expect-error not a reason
export const wrongReason: Handlers['BookSeat'] = async () => ({ status: 409, body: { reason: 'full' } })
