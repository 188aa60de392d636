/** A client of the project's streams, for browsers and Node. */

import { Connection, type ConnectionOptions } from './connection.js'
import { GroupSubscription, ItemSubscription, type Owner, type Subscription } from './subscription.js'
import { type Frame, refusalOf, StreamError } from './wire.js'

const ANSWER_MS = 10_000 // for a message to be taken
const REST_MS = 1_000 // that the connection stays when nothing is watched: the next page may want it
const RETRY_MS = 1_000 // after the core could not let a subscription in just now
const MOST_WAITING = 1_000 // messages that wait for the connection

// biome-ignore lint/suspicious/noExplicitAny: streams whose items are not described can hold anything
type Any = any

/** What every item has. */
export interface StreamItem {
  id: string
  _createdAt: number
}

/** Items of a stream: as they are written in the interface, or as a project's types.d.ts says (MotiaStream<…>). */
export type ItemOf<TStream> = (TStream extends { get(groupId: string, id: string): Promise<infer T> }
  ? NonNullable<T>
  : TStream) &
  StreamItem

export interface GroupOptions<T> {
  /** Be seen by the other members, and see them; an object is what they see. */
  presence?: boolean | Record<string, unknown>
  /** A field of the items; without it they are in the order in which they were made. */
  sortBy?: keyof T
}

interface Message {
  subscription: Subscription<unknown>
  frame: unknown
  isSent: boolean
  resolve(): void
  reject(error: Error): void
  timer: ReturnType<typeof setTimeout>
}

/**
 * Watches streams over one connection, which is made again when it is lost: what was missed comes then, and not all
 * again.
 *
 * @typeParam TStreams - Names of streams, and their items: an interface, or FlowContextStateStreams of types.d.ts.
 */
export class StreamClient<TStreams = Record<string, Any>> implements Owner {
  private readonly subscriptions = new Map<string, Subscription<Any>>()
  private readonly byGroup = new Map<string, Set<Subscription<Any>>>()
  private readonly messages = new Map<string, Message>()
  private connection: Connection | undefined
  private count = 0

  /**
   * @param url - Of the core: "ws://localhost:3000"; in a page, where it came from. A function is asked for each
   *   connection, for instance for a fresh token.
   */
  constructor(
    private readonly url?: string | URL | (() => string | Promise<string>),
    private readonly options: ConnectionOptions = {},
  ) {}

  /** Watches all items of a group. */
  group<TName extends keyof TStreams & string>(
    streamName: TName,
    groupId: string,
    { presence = false, sortBy }: GroupOptions<ItemOf<TStreams[TName]>> = {},
  ): GroupSubscription<ItemOf<TStreams[TName]>> {
    const address = { streamName, groupId }
    const subscription = new GroupSubscription<ItemOf<TStreams[TName]>>(address, this.nextId(), presence, this)
    subscription.sortBy = sortBy
    this.join(subscription)
    return subscription
  }

  /** Watches one item, there or not. */
  item<TName extends keyof TStreams & string>(
    streamName: TName,
    groupId: string,
    id: string,
  ): ItemSubscription<ItemOf<TStreams[TName]>> {
    const address = { streamName, groupId, id }
    const subscription = new ItemSubscription<ItemOf<TStreams[TName]>>(address, this.nextId(), false, this)
    this.join(subscription)
    return subscription
  }

  /** Ends all subscriptions, and the connection. */
  close(): void {
    for (const subscription of [...this.subscriptions.values()]) subscription.close()
    this.rest()
  }

  // --- for subscriptions

  join(subscription: Subscription<Any>): void {
    this.subscriptions.set(subscription.subscriptionId, subscription)
    const key = groupKey(subscription.address)
    const ofGroup = this.byGroup.get(key) ?? new Set()
    this.byGroup.set(key, ofGroup.add(subscription))
    this.connection ??= new Connection(this.url, this.options, {
      opened: () => this.opened(),
      lost: () => this.lost(),
      received: (text) => this.received(JSON.parse(text) as Frame),
    })
    this.sendJoin(subscription)
  }

  leave(subscription: Subscription<Any>): void {
    const { subscriptionId, address } = subscription
    if (!this.subscriptions.delete(subscriptionId)) return
    const key = groupKey(address)
    const ofGroup = this.byGroup.get(key)
    ofGroup?.delete(subscription)
    if (ofGroup?.size === 0) this.byGroup.delete(key)
    this.connection?.send({ type: 'leave', data: { ...address, subscriptionId } })
    if (this.subscriptions.size === 0) setTimeout(() => this.rest(), REST_MS)
    for (const [messageId, message] of this.messages) {
      if (message.subscription === subscription && !message.isSent) this.answer(messageId, closed())
    }
  }

  send(subscription: Subscription<Any>, type: string, data: unknown, id: string | undefined): Promise<void> {
    if (!this.subscriptions.has(subscription.subscriptionId)) return Promise.reject(closed())
    if (this.messages.size >= MOST_WAITING) {
      return Promise.reject(new StreamError('UNAVAILABLE', `${MOST_WAITING} messages wait for an answer already`))
    }
    const messageId = this.nextId()
    const { streamName, groupId } = subscription.address
    const message = { type, ...(data === undefined ? {} : { data }) }
    const frame = {
      type: 'send',
      data: { streamName, groupId, ...(id === undefined ? {} : { id }), messageId, message },
    }
    return new Promise((resolve, reject) => {
      const late = () => this.answer(messageId, new StreamError('TIMEOUT', 'the message was not taken in time'))
      const timer = setTimeout(late, ANSWER_MS)
      const waiting = { subscription, frame, isSent: false, resolve, reject, timer }
      this.messages.set(messageId, waiting)
      this.flush(waiting)
    })
  }

  // --- the connection

  /** Nobody watches anything: no connection is needed. */
  private rest(): void {
    if (this.subscriptions.size > 0) return
    this.connection?.close()
    this.connection = undefined
  }

  private opened(): void {
    for (const subscription of this.subscriptions.values()) this.sendJoin(subscription)
  }

  private lost(): void {
    for (const subscription of this.subscriptions.values()) subscription.offline()
    for (const [messageId, message] of this.messages) {
      // Sending it again might have it handled twice: only who sent it knows whether that matters.
      const error = new StreamError('UNCERTAIN', 'the connection was lost before the answer came')
      if (message.isSent) this.answer(messageId, error)
    }
  }

  private received(frame: Frame): void {
    const refusal = refusalOf(frame)
    if (refusal !== undefined) return this.refused(frame, refusal)
    const { event } = frame
    if (event.type === 'sent') return this.answer(event.messageId)
    if (event.type === 'joined') {
      const subscription = this.subscriptions.get(event.subscriptionId)
      subscription?.joined(event)
      for (const message of this.messages.values()) if (message.subscription === subscription) this.flush(message)
      return
    }
    for (const subscription of this.byGroup.get(groupKey(frame)) ?? []) {
      const { id } = subscription.address
      // An item's changes are its group's too; its sync is not.
      if (id === frame.id || (id === undefined && event.type !== 'sync')) subscription.receive(frame)
    }
  }

  private refused(frame: Frame, refusal: NonNullable<ReturnType<typeof refusalOf>>): void {
    const { code, message, errors, messageId, subscriptionId } = refusal
    if (messageId !== undefined) return this.answer(messageId, new StreamError(code, message, errors))
    const subscription = this.subscriptions.get(subscriptionId ?? '')
    if (subscription === undefined) {
      console.warn(`motia: the core refused something of ${frame.streamName}/${frame.groupId}: ${code} ${message}`)
      return
    }
    if (code === 'UNAVAILABLE' || code === 'RATE_LIMITED') {
      setTimeout(() => this.sendJoin(subscription), RETRY_MS)
    } else {
      subscription.refused(refusal)
    }
  }

  private sendJoin(subscription: Subscription<Any>): void {
    const { address, subscriptionId, sequence, presence } = subscription
    if (this.connection?.isOpen !== true || !this.subscriptions.has(subscriptionId)) return
    subscription.joining()
    const data = {
      ...address,
      subscriptionId,
      acknowledge: true,
      sequence,
      ...(presence === false ? {} : { presence }),
    }
    this.connection.send({ type: 'join', data })
  }

  private flush(message: Message): void {
    if (message.isSent || message.subscription.status !== 'live' || this.connection?.isOpen !== true) return
    message.isSent = true
    this.connection.send(message.frame)
  }

  private answer(messageId: string, error?: Error): void {
    const message = this.messages.get(messageId)
    if (message === undefined) return
    this.messages.delete(messageId)
    clearTimeout(message.timer)
    if (error === undefined) message.resolve()
    else message.reject(error)
  }

  private nextId(): string {
    this.count += 1
    return this.count.toString(36)
  }
}

function groupKey({ streamName, groupId }: { streamName: string; groupId: string }): string {
  return JSON.stringify([streamName, groupId])
}

function closed(): StreamError {
  return new StreamError('CLOSED', 'the subscription was closed')
}
