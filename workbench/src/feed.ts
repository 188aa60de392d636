/** What happens now: the core tells, and what is shown is read again. */

import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { createContext, useContext, useEffect, useState } from 'react'
import { headers, type Log } from './api'

type LogListener = (logs: Log[]) => void

const PAUSE_MS = 1500 // before a lost connection is made again
const REST_MS = 1000 // between two readings of the same thing
const listeners = new Set<LogListener>()

/** Calls back with new log records, oldest first. */
export function onLogs(listener: LogListener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const Connected = createContext(true)
export const useConnected = (): boolean => useContext(Connected)

/** Events of a stream of server-sent events. Not EventSource: that cannot send the token. */
export async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<{ event: string; data: string }> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    text += value
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) {
      const lines = part.split('\n')
      const field = (name: string) => lines.find((line) => line.startsWith(name))?.slice(name.length) ?? ''
      const data = field('data: ')
      if (data) yield { event: field('event: '), data }
    }
  }
}

/** What has to be read again after an event. */
const OF: Record<string, string[]> = {
  attempts: ['runs', 'trace', 'stats', 'queues', 'dlq'],
  project: ['flows', 'nodes', 'steps', 'problems', 'streams', 'cron', 'root', 'tabs'],
  missed: ['runs', 'trace', 'stats', 'queues', 'dlq', 'logs'],
}

/** Reads things again, each at most once in REST_MS. */
export function refresher(client: Pick<QueryClient, 'invalidateQueries'>, restMs = REST_MS) {
  const due = new Set<string>()
  let _timer: ReturnType<typeof setTimeout> | undefined
  return (what: string[]): void => {
    for (const key of what) due.add(key)
    _timer ??= setTimeout(() => {
      _timer = undefined
      for (const key of due) void client.invalidateQueries({ queryKey: [key] })
      due.clear()
    }, restMs)
  }
}

async function follow(refresh: (what: string[]) => void, signal: AbortSignal, came: () => void): Promise<void> {
  const response = await fetch('/__motia/feed', { headers: headers(), signal })
  if (!response.ok || !response.body) throw new Error(`the feed answered ${response.status}`)
  came()
  for await (const { event, data } of events(response.body)) {
    const content = JSON.parse(data) as { logs?: Log[]; what?: string[] }
    if (event === 'logs' && content.logs) for (const listener of listeners) listener(content.logs)
    refresh(event === 'changed' ? (content.what ?? []) : (OF[event] ?? []))
  }
}

/** Follows the feed as long as the page is shown; whether the core is there. */
export function useFeed(): boolean {
  const client = useQueryClient()
  const [isConnected, setConnected] = useState(true)
  useEffect(() => {
    const stop = new AbortController()
    const refresh = refresher(client)
    const keep = async () => {
      let wasLost = false
      while (!stop.signal.aborted) {
        try {
          await follow(refresh, stop.signal, () => {
            setConnected(true)
            if (wasLost) void client.invalidateQueries()
          })
        } catch {
          if (stop.signal.aborted) return
        }
        wasLost = true
        setConnected(false)
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      }
    }
    void keep()
    return () => stop.abort()
  }, [client])
  return isConnected
}
