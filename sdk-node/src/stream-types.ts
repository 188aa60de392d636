/** What projects write streams against; the names are those of 0.x. */

import type { Duration, FlowContext, StateOperation, ZodInput } from './types.js'

// biome-ignore lint/suspicious/noExplicitAny: what user code passes here has a type of its own
type Any = any

export interface BaseStreamItem {
  id: string
}

export interface StateStreamEventChannel {
  groupId: string
  id?: string
}

export interface StateStreamEvent<T = unknown> {
  type: string
  data: T
}

export interface MotiaStream<T> {
  get(groupId: string, id: string): Promise<(T & BaseStreamItem) | null>
  set(groupId: string, id: string, data: T): Promise<T & BaseStreamItem>
  delete(groupId: string, id: string): Promise<(T & BaseStreamItem) | null>
  getGroup(groupId: string): Promise<(T & BaseStreamItem)[]>
  /** Changes an item by operations, all or none; what it is now, null when it was removed. */
  update(groupId: string, id: string, operations: StateOperation[]): Promise<(T & BaseStreamItem) | null>
  /** The names of the groups that have items, in order. */
  groups(): Promise<string[]>
  /** One page of a group, oldest first. */
  list(
    groupId: string,
    page?: { cursor?: string; limit?: number },
  ): Promise<{ items: (T & BaseStreamItem)[]; cursor: string }>
  /** All of `list`, page by page. */
  listAll(groupId: string): AsyncGenerator<T & BaseStreamItem>
  send<E>(channel: StateStreamEventChannel, event: StateStreamEvent<E>): Promise<void>
}

export interface StreamSubscription {
  streamName?: string
  groupId: string
  id?: string
}

/** Projects augment it (types.d.ts). */
export interface StreamAuthContext {}

export interface StreamAuthRequest {
  headers: Record<string, string | string[] | undefined>
  url?: string
}

export interface StreamConfig {
  name: string
  description?: string
  schema: ZodInput
  baseConfig?: { storageType: 'default' } | { storageType: 'custom'; factory: () => unknown }
  /** An item is removed so long after it was last set. */
  ttl?: Duration
  /** Of a group: the oldest make room for new ones. */
  maxItems?: number
  /** Clients may see who else watches a group. */
  presence?: boolean
  /** Messages of clients are events of this topic: StreamMessage. */
  messages?: { topic: string; schema?: ZodInput }
  canAccess?: (
    subscription: StreamSubscription,
    authContext: StreamAuthContext,
    ctx: FlowContext<Any>,
  ) => boolean | Promise<boolean>
  canSend?: (
    subscription: StreamSubscription & { message: { type: string; data?: Any } },
    authContext: StreamAuthContext,
    ctx: FlowContext<Any>,
  ) => boolean | Promise<boolean>
  /** `unauthorized: true` refuses the client; `presence` is what the other members of the group see of it. */
  onJoin?: (
    subscription: StreamSubscription & { connectionId: string },
    ctx: FlowContext<Any>,
    authContext: StreamAuthContext,
  ) => Any
  onLeave?: (
    subscription: StreamSubscription & { connectionId: string },
    ctx: FlowContext<Any>,
    authContext: StreamAuthContext,
  ) => Any
}

/** The data of an event that a client's message becomes. */
export interface StreamMessage<TData = unknown, TAuth = StreamAuthContext> {
  streamName: string
  groupId: string
  id?: string
  type: string
  data: TData
  connectionId: string
  auth?: TAuth
}
