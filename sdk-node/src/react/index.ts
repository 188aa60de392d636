/** `import { StreamProvider, useGroup, useItem } from 'motia/react'`: streams in React components. */

import {
  createContext,
  createElement,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useSyncExternalStore,
} from 'react'
import type { ConnectionOptions } from '../client/connection.js'
import {
  type GroupOptions,
  type GroupState,
  type GroupSubscription,
  type ItemOf,
  type ItemState,
  type ItemSubscription,
  StreamClient,
} from '../client/index.js'
import { Held } from './held.js'

// biome-ignore lint/suspicious/noExplicitAny: streams whose items are not described can hold anything
type Any = any

const Client = createContext<StreamClient<Any> | undefined>(undefined)

const NO_GROUP: GroupState<never> = { items: [], status: 'joining', members: [], error: undefined }
const NO_ITEM: ItemState<never> = { item: null, status: 'joining', error: undefined }

export interface StreamProviderProps {
  /** One that is there already. */
  client?: StreamClient<Any>
  /** Of the core, for a client of its own; without it where the page came from. */
  url?: string
  protocols?: ConnectionOptions['protocols']
  children?: ReactNode
}

/** Gives the components inside a connection to streams. It is made when the first of them watches something. */
export function StreamProvider({ client, url, protocols, children }: StreamProviderProps): ReactNode {
  // Other protocols are for the next connection.
  const own = useMemo(() => client ?? new StreamClient<Any>(url, { protocols }), [client, url])
  return createElement(Client.Provider, { value: own }, children)
}

/** The client of the provider around. */
export function useStreams<TStreams = Record<string, Any>>(): StreamClient<TStreams> {
  const client = useContext(Client)
  if (client === undefined) throw new Error('there is no <StreamProvider> around this component')
  return client as StreamClient<TStreams>
}

/** Where events of a group or item come from. */
export interface EventSource {
  on<TData>(type: string, listener: (data: TData) => void): () => void
}

export interface Group<T> extends GroupState<T> {
  /** Hands a message to the project's steps, about an item when `id` is given. */
  send(type: string, data?: unknown, about?: { id?: string }): Promise<void>
  events: EventSource
}

/** The items of a group, kept up to date. */
export function useGroup<TItem = Any>(
  streamName: string,
  groupId: string,
  options: GroupOptions<ItemOf<TItem>> = {},
): Group<ItemOf<TItem>> {
  const client = useStreams<Record<string, TItem>>()
  const { sortBy } = options
  const presence = JSON.stringify(options.presence ?? false) // the same members are the same, in whatever object
  const held = useMemo(() => {
    const make = () => client.group(streamName, groupId, { presence: JSON.parse(presence) as boolean, sortBy })
    return new Held<GroupState<ItemOf<TItem>>, GroupSubscription<ItemOf<TItem>>>(make, NO_GROUP)
  }, [client, streamName, groupId, presence, sortBy])
  const state = useSyncExternalStore(held.subscribe, held.state, held.state)
  return useMemo(
    () => ({ ...state, events: held, send: (type, data, about) => held.current.send(type, data, about) }),
    [state, held],
  )
}

export interface Item<T> extends ItemState<T> {
  /** Hands a message about the item to the project's steps. */
  send(type: string, data?: unknown): Promise<void>
  events: EventSource
}

/** One item, kept up to date; `item` is null when there is none. */
export function useItem<TItem = Any>(streamName: string, groupId: string, id: string): Item<ItemOf<TItem>> {
  const client = useStreams<Record<string, TItem>>()
  const held = useMemo(() => {
    const make = () => client.item(streamName, groupId, id)
    return new Held<ItemState<ItemOf<TItem>>, ItemSubscription<ItemOf<TItem>>>(make, NO_ITEM)
  }, [client, streamName, groupId, id])
  const state = useSyncExternalStore(held.subscribe, held.state, held.state)
  return useMemo(() => ({ ...state, events: held, send: (type, data) => held.current.send(type, data) }), [state, held])
}

/** Calls a function for events of a type that steps send to a group or item: `useStreamEvent(room.events, 'typing', …)`. */
export function useStreamEvent<TData = unknown>(
  events: EventSource,
  type: string,
  listener: (data: TData) => void,
): void {
  useEffect(() => events.on(type, listener), [events, type, listener])
}
