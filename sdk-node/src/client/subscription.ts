/** What a client has of a group or an item, kept up to date. */

import { type Address, type Frame, type Member, type Refusal, StreamError } from './wire.js'

/** joining: nothing has come yet. live: all that happens is seen. offline: what was there last. refused: see `error`. */
export type Status = 'joining' | 'live' | 'offline' | 'refused'

export interface Owner {
  join(subscription: Subscription<unknown>): void
  leave(subscription: Subscription<unknown>): void
  send(subscription: Subscription<unknown>, type: string, data: unknown, id: string | undefined): Promise<void>
}

const NOBODY: readonly Member[] = []

export abstract class Subscription<TState> {
  status: Status = 'joining'
  /** Why it was refused. */
  error: StreamError | undefined
  /** Who else watches the group; with `presence`. */
  members: readonly Member[] = NOBODY
  /** Which of them this one is. */
  memberId: string | undefined
  /** Everything up to here has come. */
  sequence = 0
  /** Resolves when what is there has come first, rejects when the subscription is refused. */
  readonly ready: Promise<void>
  private readonly listeners = new Set<() => void>()
  private readonly eventListeners = new Map<string, Set<(data: unknown) => void>>()
  private settle: { resolve(): void; reject(error: Error): void } | undefined
  private hasHeard = false // anything since it was joined

  constructor(
    readonly address: Readonly<Address>,
    readonly subscriptionId: string,
    readonly presence: boolean | Record<string, unknown>,
    protected readonly owner: Owner,
  ) {
    this.ready = new Promise((resolve, reject) => {
      this.settle = { resolve, reject }
    })
    this.ready.catch(() => {}) // who does not look at it need not
  }

  /** What there is now; another object whenever it has changed. */
  abstract get state(): TState

  /** Calls a function after every change, of anything here; returns what ends that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Calls a function for events of a type that steps send; returns what ends that. */
  on<TData = unknown>(type: string, listener: (data: TData) => void): () => void {
    const listeners = this.eventListeners.get(type) ?? new Set()
    this.eventListeners.set(type, listeners.add(listener as (data: unknown) => void))
    return () => listeners.delete(listener as (data: unknown) => void)
  }

  /** Hands a message to the project's steps; resolves when it is safe there, rejects with a StreamError. */
  send(type: string, data?: unknown): Promise<void> {
    return this.owner.send(this, type, data, this.address.id)
  }

  /** Ends it. */
  close(): void {
    this.owner.leave(this)
    this.listeners.clear()
    this.eventListeners.clear()
    this.settle?.reject(new StreamError('CLOSED', 'the subscription was closed'))
  }

  // --- for the client

  /** It is about to be joined. */
  joining(): void {
    this.hasHeard = false
  }

  /** A frame of the group. On one connection they come in their order, a sync at its place among the changes. */
  receive(frame: Frame): void {
    const { event, sequence } = frame
    switch (event.type) {
      case 'sync':
        this.replace(event.data)
        break
      case 'presence':
        this.meet(event.joined, event.left)
        return this.notify()
      case 'create':
      case 'update':
      case 'delete':
        if (sequence <= this.sequence || !this.canApply) return // seen, or part of the sync that comes
        this.apply(event.type, event.data)
        break
      case 'event':
        if (sequence <= this.sequence) return
        this.emit(event.event)
        break
      default:
        return
    }
    this.sequence = sequence
    this.hasHeard = true
    this.notify()
  }

  joined(event: { sequence: number; resumed: boolean; memberId?: string; members?: Member[] }): void {
    if (event.resumed || this.hasHeard) {
      this.sequence = Math.max(this.sequence, event.sequence)
    } else {
      this.replace(undefined) // there is no such item
      this.sequence = event.sequence
    }
    this.status = 'live'
    this.error = undefined
    this.memberId = event.memberId
    this.members = event.members ?? NOBODY
    this.settle?.resolve()
    this.notify()
  }

  refused({ code, message, errors }: Refusal): void {
    this.status = 'refused'
    this.error = new StreamError(code, message, errors)
    this.settle?.reject(this.error)
    this.notify()
  }

  offline(): void {
    if (this.status !== 'live') return
    this.status = 'offline'
    this.members = NOBODY
    this.notify()
  }

  /** Whether a change makes sense without what was there before. */
  protected abstract get canApply(): boolean
  protected abstract replace(data: unknown): void
  protected abstract apply(type: 'create' | 'update' | 'delete', data: unknown): void
  /** Something other than the items has changed. */
  protected touched(): void {}

  private meet(joined: readonly Member[], left: readonly string[]): void {
    const members = new Map(this.members.map((member) => [member.memberId, member]))
    for (const member of joined) members.set(member.memberId, member)
    for (const memberId of left) members.delete(memberId)
    this.members = [...members.values()]
  }

  private emit({ type, data }: { type: string; data?: unknown }): void {
    for (const listener of this.eventListeners.get(type) ?? []) listener(data)
  }

  private notify(): void {
    this.touched()
    for (const listener of [...this.listeners]) listener()
  }
}

interface HasId {
  id: string
}

export interface GroupState<T> {
  items: readonly T[]
  status: Status
  members: readonly Member[]
  error: StreamError | undefined
}

/** All items of a group, oldest first; or sorted by one of their fields. */
export class GroupSubscription<T extends HasId> extends Subscription<GroupState<T>> {
  sortBy: keyof T | undefined
  private byId = new Map<string, T>()
  private hasSync = false
  private current: GroupState<T> | undefined
  private list: readonly T[] | undefined

  get items(): readonly T[] {
    return (this.list ??= this.sorted())
  }

  get state(): GroupState<T> {
    return (this.current ??= {
      items: this.items,
      status: this.status,
      members: this.members,
      error: this.error,
    })
  }

  /** Hands over a message, about an item when `id` is given. */
  override send(type: string, data?: unknown, { id }: { id?: string } = {}): Promise<void> {
    return this.owner.send(this, type, data, id)
  }

  protected get canApply(): boolean {
    return this.hasSync
  }

  protected replace(data: unknown): void {
    this.hasSync = true
    this.byId = new Map(((data ?? []) as T[]).map((item) => [item.id, item]))
    this.list = undefined
  }

  protected apply(type: 'create' | 'update' | 'delete', data: unknown): void {
    const item = data as T
    if (type === 'delete') this.byId.delete(item.id)
    else this.byId.set(item.id, item)
    this.list = undefined
  }

  protected override touched(): void {
    this.current = undefined
  }

  private sorted(): T[] {
    const items = [...this.byId.values()]
    const { sortBy } = this
    return sortBy === undefined ? items : items.sort((a, b) => compare(a[sortBy], b[sortBy]))
  }
}

export interface ItemState<T> {
  item: T | null
  status: Status
  error: StreamError | undefined
}

/** One item; null: there is none. */
export class ItemSubscription<T> extends Subscription<ItemState<T>> {
  item: T | null = null
  private current: ItemState<T> | undefined

  get state(): ItemState<T> {
    return (this.current ??= { item: this.item, status: this.status, error: this.error })
  }

  protected get canApply(): boolean {
    return true
  }

  protected replace(data: unknown): void {
    this.item = (data ?? null) as T | null
  }

  protected apply(type: 'create' | 'update' | 'delete', data: unknown): void {
    this.item = type === 'delete' ? null : (data as T)
  }

  protected override touched(): void {
    this.current = undefined
  }
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a ?? '').localeCompare(String(b ?? ''))
}
