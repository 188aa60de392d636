/** The items of a stream's group, as they change (docs/stream-wire.md). */

import { useEffect, useState } from 'react'
import { token } from './api'

export type Item = { id: string } & Record<string, unknown>

interface Frame {
  id?: string
  event: { type: string; data?: Item | Item[]; event?: { type: string; data?: { message?: string } } }
}

/** The items after a frame. */
export function apply(items: Item[], frame: Frame): Item[] {
  const { type, data } = frame.event
  if (type === 'sync') return Array.isArray(data) ? data : data ? [data] : []
  if (!data || Array.isArray(data)) return items
  const others = items.filter(({ id }) => id !== data.id)
  if (type === 'delete') return others
  if (type === 'create') return [...others, data]
  if (type === 'update')
    return items.some(({ id }) => id === data.id)
      ? items.map((one) => (one.id === data.id ? data : one))
      : [...items, data]
  return items
}

export interface Watched {
  items: Item[]
  status: 'joining' | 'live' | 'lost' | 'refused'
  error: string
}

const AGAIN_MS = 1500
const UNFIT = 'The token has characters that browsers do not send with a WebSocket: letters, digits and -._~ are fine.'

/** A connection, with the token as a sub-protocol; none when it is no word that may stand there. */
function connect(address: string): WebSocket | undefined {
  try {
    return new WebSocket(address, token.get() ? ['Authorization', token.get()] : [])
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === 'SyntaxError') return undefined
    throw failure
  }
}

export function useWatched(stream: string, group: string): Watched {
  const [state, setState] = useState<Watched>({ items: [], status: 'joining', error: '' })
  useEffect(() => {
    let isOver = false
    let socket: WebSocket | undefined
    const open = () => {
      const address = `${location.origin.replace(/^http/, 'ws')}/`
      const joining = connect(address)
      socket = joining
      if (!joining) {
        setState((before) => ({ ...before, status: 'refused', error: UNFIT }))
        return
      }
      joining.onopen = () => {
        const data = { streamName: stream, groupId: group, subscriptionId: 'workbench' }
        joining.send(JSON.stringify({ type: 'join', data }))
      }
      joining.onmessage = ({ data }) => {
        const frame = JSON.parse(String(data)) as Frame
        const inner = frame.event.event
        if (frame.event.type === 'event' && inner?.type === 'error')
          setState((before) => ({ ...before, status: 'refused', error: inner.data?.message ?? '' }))
        else setState((before) => ({ items: apply(before.items, frame), status: 'live', error: '' }))
      }
      joining.onclose = () => {
        if (isOver) return
        setState((before) => (before.status === 'refused' ? before : { ...before, status: 'lost' }))
        setTimeout(() => !isOver && open(), AGAIN_MS)
      }
    }
    open()
    return () => {
      isOver = true
      socket?.close()
    }
  }, [stream, group])
  return state
}
