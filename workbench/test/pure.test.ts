/** What the pages count, compare and make, without a page. */

import { describe, expect, it } from 'vitest'
import type { Attempt, Flow, HttpInput, Schema } from '../src/api'
import { query } from '../src/api'
import { cronWords } from '../src/cron-words'
import { diff } from '../src/diff'
import { curl, isWhole, pytest, recorded, vitest } from '../src/export'
import { events, refresher } from '../src/feed'
import { ago, bytes, count, duration } from '../src/format'
import { layout, shortName, svg } from '../src/graph'
import { isWanted } from '../src/pages/logs'
import { readJson } from '../src/parts/editor'
import { href, parse } from '../src/route'
import { fill, isFlat, kindOf, parameters, resolved, sample } from '../src/schema'
import { apply } from '../src/watch'
import { spanTree, waterfall } from '../src/waterfall'

const attempt = (id: number, startedMs: number, durationMs: number, more: Partial<Attempt> = {}): Attempt => ({
  id,
  traceId: 'A',
  parentId: null,
  step: `S${id}`,
  name: `S${id}`,
  language: 'python',
  trigger: 'event',
  label: 't',
  attempt: 1,
  status: 'completed',
  startedMs,
  durationMs,
  waitedMs: 0,
  httpStatus: null,
  deliveryId: null,
  error: null,
  input: null,
  output: null,
  calls: [],
  callsDropped: 0,
  spans: [],
  ...more,
})

describe('the waterfall', () => {
  it('puts each attempt below what has caused it, in time', () => {
    const bars = waterfall([
      attempt(1, 1000, 40),
      attempt(3, 1080, 20, { parentId: 2 }),
      attempt(2, 1050, 50, { parentId: 1, waitedMs: 10 }),
      attempt(4, 1020, 5, { parentId: 1 }),
    ])
    expect(bars.map(({ attempt: { id }, depth }) => [id, depth])).toEqual([
      [1, 0],
      [4, 1],
      [2, 1],
      [3, 2],
    ])
    expect(bars.map(({ start, width }) => [start, width])).toEqual([
      [0, 0.4],
      [0.2, 0.05],
      [0.5, 0.5],
      [0.8, 0.2],
    ])
    expect(bars[2]?.waited).toBeCloseTo(0.1)
  })

  it('keeps what was caused by something that is not known any more', () => {
    expect(waterfall([attempt(5, 0, 1, { parentId: 4 })])).toHaveLength(1)
    expect(waterfall([])).toEqual([])
  })

  it('lets what runs reach up to now', () => {
    const [bar] = waterfall([attempt(1, 1000, 0, { status: 'running' })], 1500)
    expect(bar?.width).toBe(1)
  })

  it('shows calls within their attempt', () => {
    const call = { type: 'emit', target: 't', offsetMs: 25, durationMs: 50, data: null, error: null, count: 1 }
    const [bar] = waterfall([attempt(1, 0, 100, { calls: [call] })])
    expect(bar?.calls).toEqual([{ at: 0.25, width: 0.5 }])
  })
})

describe('addresses', () => {
  it('say where one is and come back the same', () => {
    const to = href('runs', 'A/B c', { status: 'failed', text: '', step: 'a&b' })
    expect(parse(to)).toEqual({ page: 'runs', id: 'A/B c', query: { status: 'failed', step: 'a&b' } })
    expect(parse('')).toEqual({ page: 'flows', id: '', query: {} })
    expect(parse('#/runs/%E0%A4%A?status=%zz')).toEqual({ page: 'runs', id: '%E0%A4%A', query: { status: '%zz' } })
  })

  it('leave out of a query what is not asked for', () => {
    expect(query({ a: '', b: undefined, c: 'x y', d: 0 })).toBe('?c=x+y&d=0')
    expect(query({})).toBe('')
  })
})

describe('comparing', () => {
  it('finds what was added and removed', () => {
    const lines = diff('a\nb\nc', 'a\nx\nc\nd')
    expect(lines.map(({ kind, text }) => `${kind[0]}${text}`)).toEqual(['sa', 'rb', 'ax', 'sc', 'ad'])
    expect(diff('a', 'a').every(({ kind }) => kind === 'same')).toBe(true)
  })
})

describe('requests to take away', () => {
  const input: HttpInput = {
    method: 'POST',
    path: '/a',
    query: { tag: ['x', 'y'], q: "it's" },
    headers: { host: 'h', 'content-type': 'application/json', authorization: '…', 'x-own': '1' },
    body: { json: { name: "O'Hara" } },
  }

  it('have what was sent, without what belongs to the connection or was not kept', () => {
    expect(recorded(input)).toEqual({
      method: 'POST',
      path: '/a?tag=x&tag=y&q=it%27s',
      headers: { 'content-type': 'application/json', 'x-own': '1' },
      body: '{"name":"O\'Hara"}',
    })
  })

  it('are commands and tests', () => {
    const request = recorded(input)
    expect(curl(request, 'http://h')).toContain(`--data-raw '{"name":"O'\\''Hara"}'`)
    expect(pytest(request, 201)).toBe(
      `def test_it_answers_as_before(motia):
    answer = motia.request("POST", "/a?tag=x&tag=y&q=it%27s", headers={"content-type":"application/json","x-own":"1"}, body="{\\"name\\":\\"O'Hara\\"}")
    assert answer.status == 201
`,
    )
    const script = vitest(request, 201)
    expect(script).toContain("import { startMotia } from 'motia/testing'")
    expect(script).toContain('await motia.request("POST", "/a?tag=x&tag=y&q=it%27s", {')
    expect(script).toContain('"x-own": "1"')
    expect(script).toContain('toBe(201)')
  })

  it('are tests without what they do not need', () => {
    const request = { method: 'GET', path: '/a', headers: {}, body: null }
    expect(pytest(request, 200)).toContain('motia.request("GET", "/a")\n')
    expect(vitest(request, 200)).toContain('motia.request("GET", "/a")\n')
  })
})

it('a request whose body was not kept whole is taken away without it', () => {
  const sent = { method: 'POST', path: '/a', query: {}, headers: {} }
  const bodies: HttpInput['body'][] = [{ text: 'ab', cut: true, bytes: 9 }, { bytes: 3 }, { text: 'ab' }, null]
  expect(bodies.map((body) => recorded({ ...sent, body }).body)).toEqual([null, null, 'ab', null])
  expect(bodies.map((body) => isWhole({ ...sent, body }))).toEqual([false, false, true, true])
})

describe('schemas', () => {
  const order: Schema = {
    type: 'object',
    properties: {
      item: { $ref: '#/$defs/Item' },
      note: { anyOf: [{ type: 'null' }, { type: 'string' }], description: 'for us' },
    },
    $defs: { Item: { type: 'object', properties: { again: { $ref: '#/$defs/Item' }, size: { type: 'integer' } } } },
  }

  it('are followed to where they point', () => {
    expect(resolved({ $ref: '#/$defs/Item', description: 'it' }, order)).toMatchObject({
      type: 'object',
      description: 'it',
    })
    expect(resolved({ $ref: '#/nowhere/at all' }, order)).toEqual({})
    expect(resolved(order.properties?.note ?? {}, order)).toEqual({ type: 'string', description: 'for us' })
    expect(sample(order)).toMatchObject({ item: { size: 0, again: { size: 0 } }, note: '' })
  })

  it('say of what kind their values are', () => {
    const kinds = [{ type: 'integer' }, { type: ['string', 'null'] }, { properties: {} }, { enum: ['a'] }, {}] as const
    expect(kinds.map((one) => kindOf(one as unknown as Schema))).toEqual(['number', 'string', 'object', 'string', ''])
    expect(kindOf({ type: ['string', 'number'] })).toBe('')
    expect(isFlat(order, order)).toBe(false)
    expect(isFlat({ properties: { a: { type: 'boolean' }, b: { enum: [1, 2] } } }, {})).toBe(true)
  })

  it('give a value to begin with', () => {
    expect(
      sample({
        type: 'object',
        properties: {
          name: { type: 'string' },
          mail: { type: 'string', format: 'email' },
          kind: { enum: ['a', 'b'] },
          count: { type: 'integer', minimum: 1 },
          list: { type: 'array', items: { type: ['null', 'boolean'] } },
          one: { anyOf: [{ const: 7 }, { type: 'string' }] },
        },
      }),
    ).toEqual({ name: '', mail: 'ada@example.com', kind: 'a', count: 1, list: [false], one: 7 })
    expect(sample(null)).toBe(null)
  })

  it('routes take their parameters', () => {
    expect(parameters('/orders/:id/items/:item')).toEqual(['id', 'item'])
    expect(fill('/orders/:id/:rest?', { id: 'a b' })).toBe('/orders/a%20b/')
  })
})

describe('streams', () => {
  it('apply frames to the items of a group', () => {
    const one = { id: '1', n: 1 }
    let items = apply([], { event: { type: 'sync', data: [one] } })
    items = apply(items, { id: '2', event: { type: 'create', data: { id: '2' } } })
    items = apply(items, { id: '1', event: { type: 'update', data: { id: '1', n: 2 } } })
    items = apply(items, { id: '2', event: { type: 'delete', data: { id: '2' } } })
    items = apply(items, { event: { type: 'event', event: { type: 'ping' } } })
    expect(items).toEqual([{ id: '1', n: 2 }])
  })
})

describe('the feed', () => {
  it('is read in whatever pieces it comes', async () => {
    const text = ': hello\n\nevent: logs\ndata: {"a":1}\n\nevent: project\ndata: {}\n\n'
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const letter of new TextEncoder().encode(text)) controller.enqueue(new Uint8Array([letter]))
        controller.close()
      },
    })
    const found = []
    for await (const event of events(body)) found.push(event)
    expect(found).toEqual([
      { event: 'logs', data: '{"a":1}' },
      { event: 'project', data: '{}' },
    ])
  })

  it('has everything read again once, however often it changed', async () => {
    const keys: string[] = []
    const refresh = refresher({ invalidateQueries: async ({ queryKey } = {}) => void keys.push(String(queryKey)) }, 5)
    refresh(['runs', 'stats'])
    refresh(['runs'])
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(keys).toEqual(['runs', 'stats'])
  })
})

describe('graphs', () => {
  const step = (id: string): Flow['steps'][number] => ({
    id,
    name: id,
    type: 'event',
    description: '',
    language: 'python',
    filePath: `steps/${id}.py`,
    emits: [],
    subscribes: ['<t>'],
    virtualEmits: [],
    virtualSubscribes: [],
  })
  const flow: Flow = {
    id: 'f',
    name: 'f',
    steps: [step('a'), step('b'), step('c')],
    edges: [{ id: 'e', source: 'a', target: 'b', data: { variant: 'virtual', topic: 't', label: 'R&D' } }],
    config: { 'steps/c.py': { x: 7, y: 9 } },
  }

  it('go from left to right, except for what somebody has put elsewhere', () => {
    const places = layout(flow)
    expect((places.get('a')?.x ?? 0) < (places.get('b')?.x ?? 0)).toBe(true)
    expect(places.get('c')).toEqual({ x: 7, y: 9 })
  })

  it('can be saved as an image, whatever the names are', () => {
    const image = svg(flow, layout(flow))
    expect(image).toContain('R&amp;D')
    expect(image).toContain('&lt;t>')
    expect(image).toContain('stroke-dasharray')
  })
})

describe('words', () => {
  it('are short', () => {
    expect([0.5, 5, 50, 5000, 65_000, 7_200_000].map(duration)).toEqual([
      '0.50 ms',
      '5.0 ms',
      '50 ms',
      '5.00 s',
      '1 min 5 s',
      '2 h 0 min',
    ])
    expect([bytes(10), bytes(2048), count(12_345)]).toEqual(['10 B', '2.0 KiB', '12.3k'])
    expect([ago(0, 1000), ago(0, 65_000), ago(60_000, 0)]).toEqual(['now', '65 s ago', 'in 60 s'])
  })

  it('say what a schedule means, where it is a common one', () => {
    const words = ['* * * * *', '*/5 * * * *', '15 * * * *', '0 9 * * 1-5', '30 3 * * 0', '0 0 1 * *', '1,2 3 * * *']
    expect(['*/10 * * * * *', '* * * * * *', '0 30 3 * * *', '5 * * * * *'].map(cronWords)).toEqual([
      'every 10 seconds',
      'every second',
      'every day at 03:30',
      '',
    ])
    expect(words.map(cronWords)).toEqual([
      'every minute',
      'every 5 minutes',
      'every hour, at minute 15',
      'from Monday to Friday at 09:00',
      'every Sunday at 03:30',
      'on day 1 of each month at 00:00',
      '',
    ])
  })

  it('of JSON that is none say why', () => {
    expect(readJson('{"a": 1}')).toEqual({ value: { a: 1 }, error: '' })
    expect(readJson('')).toEqual({ value: null, error: '' })
    expect(readJson('{').error).not.toBe('')
  })
})

it('a log record is shown when it is asked for', () => {
  const log = { id: '1', level: 'warn' as const, time: 0, msg: 'Slow', traceId: 'A', step: 'S', fields: { code: 'E7' } }
  expect(isWanted(log, {})).toBe(true)
  expect(isWanted(log, { level: 'error' })).toBe(false)
  expect(isWanted(log, { text: 'e7' })).toBe(true)
  expect(isWanted(log, { step: 'T' })).toBe(false)
  expect(isWanted(log, { traceId: 'A' })).toBe(true)
})

it('puts spans below the one that is around them, and those without one below their attempt', () => {
  const span = (spanId: string, parentSpanId: string | null, offsetMs: number) => ({
    spanId,
    parentSpanId,
    offsetMs,
    name: spanId,
    kind: 'internal',
    durationMs: 1,
    error: null,
    attributes: {},
  })
  const tree = spanTree([
    span('late', 'out', 9),
    span('in', 'out', 2),
    span('out', 'the attempt', 1),
    span('in2', 'in', 3),
  ])
  expect(tree.map((one) => `${one.depth} ${one.span.spanId}`)).toEqual(['0 out', '1 in', '2 in2', '1 late'])
})

describe('names of steps of Motia 1.0', () => {
  it.each([
    ['Step::http(POST /orders/:id)', 'Step'],
    ['Step::queue(a)-2', 'Step'],
    ['Step::state', 'Step'],
    ['Step::other', 'Step::other'],
    ['A::B::stream(s)', 'A::B'],
  ])('%s is shown as %s', (name, shown) => expect(shortName(name)).toBe(shown))
})
