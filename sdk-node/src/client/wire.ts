/** What the core sends, and what it is sent (docs/stream-wire.md). */

export interface Address {
  streamName: string
  groupId: string
  id?: string
}

export interface Member {
  memberId: string
  info: Record<string, unknown>
}

export interface Refusal {
  code: string
  message: string
  subscriptionId?: string
  messageId?: string
  errors?: unknown[]
}

export type StreamEvent =
  | { type: 'sync'; data: unknown }
  | { type: 'create' | 'update' | 'delete'; data: unknown }
  | { type: 'event'; event: { type: string; data?: unknown } }
  | {
      type: 'joined'
      subscriptionId: string
      sequence: number
      resumed: boolean
      memberId?: string
      members?: Member[]
    }
  | { type: 'sent'; messageId: string }
  | { type: 'presence'; joined: Member[]; left: string[] }

export interface Frame extends Address {
  timestamp: number
  sequence: number
  event: StreamEvent
}

/** Why something was refused, or did not happen. */
export class StreamError extends Error {
  override name = 'StreamError'

  constructor(
    /** One of the codes of docs/stream-wire.md; or of the client: TIMEOUT, CLOSED, UNCERTAIN. */
    readonly code: string,
    message: string,
    /** What is wrong with a message, one entry for each violation. */
    readonly errors: readonly unknown[] = [],
  ) {
    super(message)
  }
}

/** What a frame says that was refused; undefined: it is none of those. */
export function refusalOf({ event }: Frame): Refusal | undefined {
  if (event.type !== 'event' || event.event?.type !== 'error') return undefined
  const data = event.event.data as Refusal | undefined
  return typeof data?.code === 'string' ? data : undefined
}
