/** The client of streams against a server that speaks the wire, and misbehaves as told. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { StreamClient, StreamError } from '../src/client/index.js'

interface Task {
  title: string
}
interface Asked {
  type: string
  // biome-ignore lint/suspicious/noExplicitAny: what the client sends
  data: any
}

let server: Server
let sockets: WebSocketServer
let current: WebSocket
let asked: Asked[]
let answer: (asked: Asked) => void
let client: StreamClient<{ tasks: Task }>

const at = { streamName: 'tasks', groupId: 'today' }
const task = (id: string, title: string) => ({ id, title, _createdAt: 1 })
const say = (sequence: number, event: unknown, id?: string) =>
  current.send(
    JSON.stringify({ timestamp: sequence / 1000, ...at, ...(id === undefined ? {} : { id }), sequence, event }),
  )
const joined = ({ subscriptionId }: { subscriptionId: string }, sequence: number, more: object = {}) =>
  say(sequence, { type: 'joined', subscriptionId, sequence, resumed: false, ...more })
const refuse = (data: object) => say(0, { type: 'event', event: { type: 'error', data } })

async function until(look: () => unknown): Promise<void> {
  for (let tries = 0; !look(); tries++) {
    if (tries > 400) throw new Error(`never: ${look}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

beforeEach(async () => {
  asked = []
  answer = ({ type, data }) => {
    if (type !== 'join') return
    say(10, { type: 'sync', data: data.id === undefined ? [task('a', 'eins')] : task('a', 'eins') }, data.id)
    joined(data, 10)
  }
  server = createServer()
  sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => {
    current = socket
    socket.on('message', (text) => {
      asked.push(JSON.parse(String(text)) as Asked)
      answer(asked.at(-1) as Asked)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  client = new StreamClient(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
})

afterEach(() => {
  client.close()
  for (const socket of sockets.clients) socket.terminate()
  server.close()
})

describe('a group', () => {
  it('has what is there, and every change after it', async () => {
    const group = client.group('tasks', 'today')
    expect(group.status).toBe('joining')
    await group.ready
    expect(group.items).toEqual([task('a', 'eins')])
    const before = group.items
    say(11, { type: 'create', data: task('b', 'zwei') }, 'b')
    say(12, { type: 'update', data: task('a', 'drei') }, 'a')
    say(13, { type: 'delete', data: task('b', 'zwei') }, 'b')
    await until(() => group.sequence === 13)
    expect(group.items).toEqual([task('a', 'drei')])
    expect(before).toEqual([task('a', 'eins')])
    expect(group.state).toBe(group.state)
  })

  it('applies nothing twice, and nothing that is part of its sync', async () => {
    const group = client.group('tasks', 'today')
    await group.ready
    say(9, { type: 'update', data: task('a', 'old') }, 'a')
    say(11, { type: 'update', data: task('a', 'new') }, 'a')
    say(11, { type: 'update', data: task('a', 'again') }, 'a')
    say(12, { type: 'event', event: { type: 'done' } })
    await until(() => group.sequence === 12)
    expect(group.items).toEqual([task('a', 'new')])
  })

  it('is sorted by a field', async () => {
    const group = client.group('tasks', 'today', { sortBy: 'title' })
    await group.ready
    say(11, { type: 'create', data: task('b', 'acht') }, 'b')
    await until(() => group.items.length === 2)
    expect(group.items.map(({ title }) => title)).toEqual(['acht', 'eins'])
  })

  it('tells who listens, until they do not', async () => {
    const group = client.group('tasks', 'today')
    const heard: unknown[] = []
    const stop = group.on('ping', (data) => heard.push(data))
    let changes = 0
    group.subscribe(() => changes++)
    await group.ready
    say(11, { type: 'event', event: { type: 'ping', data: 1 } })
    await until(() => heard.length === 1)
    stop()
    say(12, { type: 'event', event: { type: 'ping', data: 2 } })
    await until(() => group.sequence === 12)
    expect(heard).toEqual([1])
    expect(changes).toBeGreaterThanOrEqual(3)
  })

  it('resumes after a lost connection, and keeps what it had meanwhile', async () => {
    const group = client.group('tasks', 'today')
    await group.ready
    say(15, { type: 'create', data: task('b', 'zwei') }, 'b')
    await until(() => group.sequence === 15)
    answer = ({ data }) => {
      say(16, { type: 'update', data: task('b', 'drei') }, 'b')
      joined(data, 20, { resumed: true })
    }
    current.terminate()
    await until(() => group.status === 'offline')
    expect(group.items).toHaveLength(2)
    await until(() => group.status === 'live')
    expect(asked.at(-1)?.data.sequence).toBe(15)
    expect(group.items).toEqual([task('a', 'eins'), task('b', 'drei')])
    expect(group.sequence).toBe(20)
  })

  it('takes what is there when the core has forgotten, or is another', async () => {
    const group = client.group('tasks', 'today')
    await group.ready
    answer = ({ data }) => {
      say(5, { type: 'sync', data: [task('c', 'neu')] })
      joined(data, 5)
    }
    current.terminate()
    await until(() => group.status === 'live' && group.sequence === 5)
    expect(group.items).toEqual([task('c', 'neu')])
    say(6, { type: 'update', data: task('c', 'neuer') }, 'c')
    await until(() => group.sequence === 6)
    expect(group.items).toEqual([task('c', 'neuer')])
  })

  it('knows its members', async () => {
    answer = ({ data }) => {
      expect(data.presence).toEqual({ name: 'ada' })
      say(10, { type: 'sync', data: [] })
      joined(data, 10, { memberId: 'm1', members: [{ memberId: 'm1', info: { name: 'ada' } }] })
    }
    const group = client.group('tasks', 'today', { presence: { name: 'ada' } })
    await group.ready
    say(11, { type: 'presence', joined: [{ memberId: 'm2', info: {} }], left: [] })
    await until(() => group.members.length === 2)
    say(12, { type: 'presence', joined: [], left: ['m1'] })
    await until(() => group.members.length === 1)
    expect([group.memberId, group.members[0]?.memberId]).toEqual(['m1', 'm2'])
  })

  it('says why it was refused', async () => {
    answer = ({ data }) =>
      refuse({ code: 'STREAM_ACCESS_DENIED', message: 'Access denied', subscriptionId: data.subscriptionId })
    const group = client.group('tasks', 'today')
    await expect(group.ready).rejects.toMatchObject({ code: 'STREAM_ACCESS_DENIED' })
    expect([group.status, group.error?.message]).toEqual(['refused', 'Access denied'])
  })

  it('asks again when the core could not do it just now', async () => {
    let tries = 0
    answer = ({ data }) => {
      if (tries++ === 0) return refuse({ code: 'UNAVAILABLE', message: 'later', subscriptionId: data.subscriptionId })
      say(10, { type: 'sync', data: [] })
      joined(data, 10)
    }
    await client.group('tasks', 'today').ready
    expect(tries).toBe(2)
  })
})

describe('an item', () => {
  it('is there or not', async () => {
    const item = client.item('tasks', 'today', 'a')
    await item.ready
    expect(item.item?.title).toBe('eins')
    say(11, { type: 'delete', data: task('a', 'eins') }, 'a')
    await until(() => item.item === null)
    say(12, { type: 'create', data: task('a', 'neu') }, 'a')
    await until(() => item.item?.title === 'neu')
    say(13, { type: 'create', data: task('b', 'another') }, 'b')
    say(14, { type: 'event', event: { type: 'of the group' } })
    say(15, { type: 'update', data: task('a', 'zuletzt') }, 'a')
    await until(() => item.sequence === 15)
    expect(item.item?.title).toBe('zuletzt')
  })

  it('that does not exist is null, and seen when it comes', async () => {
    answer = ({ data }) => {
      say(11, { type: 'create', data: task('a', 'schon da') }, 'a') // between the join and its answer
      joined(data, 10)
    }
    const item = client.item('tasks', 'today', 'a')
    await item.ready
    expect(item.item?.title).toBe('schon da')
    answer = ({ data }) => joined(data, 30)
    current.terminate()
    await until(() => item.status === 'live' && item.sequence === 30)
    expect(item.item).toBeNull()
  })

  it('and its group share what comes once', async () => {
    const [item, group] = [client.item('tasks', 'today', 'a'), client.group('tasks', 'today')]
    await Promise.all([item.ready, group.ready])
    say(11, { type: 'update', data: task('a', 'beide') }, 'a')
    await until(() => item.item?.title === 'beide' && group.items[0]?.title === 'beide')
  })
})

describe('a message', () => {
  it('resolves when it is safe', async () => {
    const group = client.group('tasks', 'today')
    await group.ready
    answer = ({ data }) => say(0, { type: 'sent', messageId: data.messageId })
    await group.send('say', { text: 'hi' }, { id: 'a' })
    expect(asked.at(-1)).toMatchObject({
      type: 'send',
      data: { ...at, id: 'a', message: { type: 'say', data: { text: 'hi' } } },
    })
  })

  it('rejects with what is wrong', async () => {
    const group = client.group('tasks', 'today')
    await group.ready
    answer = ({ data }) => refuse({ code: 'MESSAGE_INVALID', message: 'no', messageId: data.messageId, errors: [1] })
    await expect(group.send('say')).rejects.toEqual(new StreamError('MESSAGE_INVALID', 'no', [1]))
  })

  it('waits for the connection, and is sent once', async () => {
    const group = client.group('tasks', 'today')
    await group.ready
    const join = answer
    answer = (one) => (one.type === 'join' ? join(one) : say(0, { type: 'sent', messageId: one.data.messageId }))
    current.terminate()
    await until(() => group.status === 'offline')
    await group.send('say', 1)
    expect(asked.filter(({ type }) => type === 'send')).toHaveLength(1)
  })

  it('whose answer is lost is uncertain', async () => {
    const group = client.group('tasks', 'today')
    await group.ready
    const join = answer
    answer = (one) => (one.type === 'join' ? join(one) : current.terminate())
    await expect(group.send('say')).rejects.toMatchObject({ code: 'UNCERTAIN' })
    await until(() => group.status === 'live')
    expect(asked.filter(({ type }) => type === 'send')).toHaveLength(1)
  })
})

it('leaves, and lets the connection go', async () => {
  const group = client.group('tasks', 'today')
  await group.ready
  group.close()
  await until(() => asked.at(-1)?.type === 'leave')
  expect(asked.at(-1)?.data).toMatchObject(at)
  await expect(group.send('say')).rejects.toMatchObject({ code: 'CLOSED' })
  await until(() => sockets.clients.size === 0)
})

it('asks for its address and token for each connection', async () => {
  const tokens = ['first', 'second']
  const port = (server.address() as AddressInfo).port
  const protocols = () => ['token', tokens.shift() ?? 'none']
  const own = new StreamClient<{ tasks: Task }>(() => Promise.resolve(`ws://127.0.0.1:${port}`), { protocols })
  const group = own.group('tasks', 'today')
  await group.ready
  current.terminate()
  await until(() => tokens.length === 0 && group.status === 'live')
  own.close()
})
