// @vitest-environment happy-dom
/** The React hooks, rendered for real, against a server that speaks the wire and counts who watches. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { act, createElement, type ReactNode, StrictMode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, it } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { StreamProvider, useGroup, useItem, useStreamEvent } from '../src/react/index.js'

interface Asked {
  type: string
  data: { streamName: string; groupId: string; id?: string; subscriptionId: string }
}

let server: Server
let sockets: WebSocketServer
let watching: Map<string, Asked['data']>
let root: Root
let page: HTMLElement
let url: string
let sequence: number

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

function say(at: { streamName: string; groupId: string; id?: string }, event: object): void {
  sequence += 1
  const { streamName, groupId, id } = at
  const frame = { timestamp: sequence / 1000, streamName, groupId, ...(id ? { id } : {}), sequence, event }
  for (const socket of sockets.clients) socket.send(JSON.stringify(frame))
}

/** In a group named after what may be seen: a refusal for "closed", otherwise one item that says where it is. */
function answer({ type, data }: Asked): void {
  if (type === 'leave') watching.delete(data.subscriptionId)
  if (type !== 'join') return
  if (data.groupId === 'closed') {
    const error = { code: 'STREAM_ACCESS_DENIED', message: 'Access denied', subscriptionId: data.subscriptionId }
    say(data, { type: 'event', event: { type: 'error', data: error } })
    return
  }
  watching.set(data.subscriptionId, data)
  const item = { id: 'a', title: `of ${data.groupId}`, _createdAt: 1 }
  say(data, { type: 'sync', data: data.id ? item : [item] })
  say(data, { type: 'joined', subscriptionId: data.subscriptionId, sequence, resumed: false })
}

async function until(look: () => unknown): Promise<void> {
  for (let tries = 0; !look(); tries++) {
    if (tries > 400) throw new Error(`never: ${look}; the page says ${page.textContent}`)
    await act(() => new Promise((resolve) => setTimeout(resolve, 5)))
  }
}

const show = (element: ReactNode) => act(() => root.render(createElement(StreamProvider, { url }, element)))

beforeEach(async () => {
  watching = new Map()
  sequence = 100
  Object.assign(globalThis, { WebSocket }) // the page's own cannot reach this server
  server = createServer()
  sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => socket.on('message', (text) => answer(JSON.parse(String(text)) as Asked)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  page = document.createElement('main')
  root = createRoot(page)
})

afterEach(async () => {
  await act(() => root.unmount())
  for (const socket of sockets.clients) socket.terminate()
  server.close()
})

interface Task {
  title: string
}

function Tasks({ group, heard }: { group: string; heard?: (data: unknown) => void }) {
  const { items, status, error, events } = useGroup<Task>('tasks', group)
  useStreamEvent(events, 'ping', heard ?? (() => {}))
  return createElement('p', {}, `${status} ${error?.code ?? ''} ${items.map(({ title }) => title).join()};`)
}

function One() {
  const { item } = useItem<Task>('tasks', 'today', 'a')
  return createElement('i', {}, item?.title ?? 'nothing')
}

it('shows what is there, and every change', async () => {
  const heard: unknown[] = []
  await show(createElement(Tasks, { group: 'today', heard: (data) => heard.push(data) }))
  expect(page.textContent).toBe('joining  ;')
  await until(() => page.textContent === 'live  of today;')
  const at = { streamName: 'tasks', groupId: 'today' }
  say({ ...at, id: 'b' }, { type: 'create', data: { id: 'b', title: 'more', _createdAt: 2 } })
  await until(() => page.textContent === 'live  of today,more;')
  say(at, { type: 'event', event: { type: 'ping', data: 7 } })
  await until(() => heard.length === 1)
  expect(heard).toEqual([7])
})

it('watches once in StrictMode, and leaves when it goes', async () => {
  await show(createElement(StrictMode, {}, createElement(Tasks, { group: 'today' }), createElement(One)))
  await until(() => page.textContent === 'live  of today;of today')
  await until(() => watching.size === 2)
  await show(createElement(StrictMode, {}, createElement(One)))
  await until(() => watching.size === 1)
  await show(null)
  await until(() => watching.size === 0)
})

it('watches another group when it is told another', async () => {
  await show(createElement(Tasks, { group: 'today' }))
  await until(() => page.textContent === 'live  of today;')
  await show(createElement(Tasks, { group: 'tomorrow' }))
  await until(() => page.textContent === 'live  of tomorrow;')
  await until(() => watching.size === 1)
  expect([...watching.values()].map(({ groupId }) => groupId)).toEqual(['tomorrow'])
})

it('says that it was refused', async () => {
  await show(createElement(Tasks, { group: 'closed' }))
  await until(() => page.textContent === 'refused STREAM_ACCESS_DENIED ;')
})

it('keeps what it had while the connection is lost', async () => {
  await show(createElement(Tasks, { group: 'today' }))
  await until(() => page.textContent === 'live  of today;')
  for (const socket of sockets.clients) socket.terminate()
  await until(() => page.textContent === 'offline  of today;')
  await until(() => page.textContent === 'live  of today;')
})

it('is of no use without a provider, and says so', async () => {
  const lonely = createRoot(document.createElement('main'), { onUncaughtError: () => {} })
  const shown = async () => act(async () => lonely.render(createElement(Tasks, { group: 'today' })))
  await expect(shown).rejects.toThrow('no <StreamProvider>')
  await act(() => lonely.unmount())
})
