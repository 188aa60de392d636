/** Flows as they are drawn: layouts, edges with their counts, nodes that the project draws. */

import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { ReactFlowProvider } from '@xyflow/react'
import type { ReactNode } from 'react'
import { afterEach, expect, it, vi } from 'vitest'
import type { Flow, FlowNode, StepStats } from '../src/api'
import { placed, type StepData } from '../src/flow/step-node'
import { traffic } from '../src/flow/topic-edge'
import { HEIGHT, layout, WIDTH } from '../src/graph'
import ComponentNode, { Guard } from '../src/nodes/component-node'
import { componentOf } from '../src/nodes/load'
import { ApiNode, BaseNode, Button, Drawn, EventNode } from '../src/nodes/parts'
import { provide } from '../src/nodes/provided'
import { spanOf, ticks } from '../src/waterfall'

afterEach(cleanup)

const step = (id: string, more: Partial<FlowNode> = {}): FlowNode => ({
  id,
  name: id,
  type: 'event',
  description: `what ${id} does`,
  language: 'python',
  filePath: `steps/${id}_step.py`,
  emits: [],
  subscribes: ['made'],
  virtualEmits: [],
  virtualSubscribes: [],
  ...more,
})
const stats: StepStats = {
  running: 1,
  waiting: 0,
  completed: 7,
  failed: 2,
  p50Ms: 3,
  p95Ms: 4,
  completedBy: [],
  failedBy: [],
  topics: { made: { events: 8, failed: 2 }, other: { events: 1, failed: 0 } },
}
const data = (more: Partial<FlowNode> = {}): StepData => ({
  step: step('Confirm', more),
  place: {},
  stats,
  isSelected: false,
})

function show(content: ReactNode): void {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ReactFlowProvider>{content}</ReactFlowProvider>
    </QueryClientProvider>,
  )
}

it('edges say what came to their consumer with their topic', () => {
  const edge: Flow['edges'][number] = { id: 'e', source: 'a', target: 'b', data: { variant: 'event', topic: 'made' } }
  expect(traffic(edge, stats)).toMatchObject({ label: 'made', events: 8, failed: 2, running: 1, isDashed: false })
  expect(traffic(edge, undefined)).toMatchObject({ events: 0, failed: 0, running: 0 })
  const drawn = { ...edge, data: { ...edge.data, variant: 'virtual' as const, label: 'a letter' } }
  expect(traffic(drawn, stats)).toMatchObject({ label: 'a letter', events: 0, failed: 0, isDashed: true })
})

it('graphs go downwards when they are told to, and steps that stand alone are in rows below', () => {
  const flow: Flow = {
    id: 'f',
    name: 'f',
    steps: ['a', 'b', 'c', 'd'].map((id) => step(id)),
    edges: [{ id: 'e', source: 'a', target: 'b', data: { variant: 'event', topic: 'made' } }],
    config: {},
  }
  const at = (places: ReturnType<typeof layout>, id: string) => places.get(id) ?? { x: Number.NaN, y: Number.NaN }
  const right = layout(flow)
  expect(at(right, 'b').x).toBeGreaterThan(at(right, 'a').x + WIDTH)
  expect(at(right, 'c').y).toBeGreaterThan(at(right, 'b').y + HEIGHT)
  expect(at(right, 'd').y).toBe(at(right, 'c').y)
  const down = layout(flow, new Map(), 'down')
  expect(at(down, 'b').y).toBeGreaterThan(at(down, 'a').y + HEIGHT)
  expect(at(down, 'd').y).toBeGreaterThan(at(down, 'c').y)
  const wide = layout(flow, new Map([['a', { width: 600, height: 80 }]]))
  expect(at(wide, 'b').x - at(right, 'b').x).toBeCloseTo(600 - WIDTH)
})

it('edges end where the file of positions says', () => {
  expect(placed({ x: 1, y: 2, sourceHandlePosition: 'right' }, 'down')).toEqual({
    x: 1,
    y: 2,
    sourceHandlePosition: 'right',
    targetHandlePosition: 'top',
  })
  expect(placed(undefined, 'right')).toEqual({})
})

it('a component is what a file exports as Node, else as its default', () => {
  const [node, other] = [() => null, () => null]
  expect(componentOf({ Node: node, default: other }, 'f')).toBe(node)
  expect(componentOf({ default: other }, 'f')).toBe(other)
  expect(() => componentOf({ config: {} }, 'steps/a.step.tsx')).toThrow('steps/a.step.tsx exports no component')
})

it('what components import is there under every name of 0.x', () => {
  provide()
  const names = Object.keys(globalThis.__motia_workbench ?? {})
  expect(names).toEqual(expect.arrayContaining(['react', 'react/jsx-runtime', 'motia/workbench', '@motiadev/ui']))
  const parts = Object.keys(globalThis.__motia_workbench?.['motia/workbench'] ?? {})
  expect(parts).toEqual(
    expect.arrayContaining(['ApiNode', 'BaseHandle', 'BaseNode', 'CronNode', 'EventNode', 'NoopNode', 'Position']),
  )
})

it('what components import and is not there is named', () => {
  provide()
  const ui = globalThis.__motia_workbench?.['@motiadev/ui'] as Record<string, unknown>
  expect(ui.Button).toBe(Button)
  expect(ui.__esModule).toBe(undefined)
  expect(() => ui.Dialog).toThrow('@motiadev/ui has no Dialog here')
})

it('the parts of components show the step, what happens in it, and what they are given', () => {
  const pressed = vi.fn()
  show(
    <Drawn value={data()}>
      <EventNode>
        <Button onClick={pressed}>Start</Button>
      </EventNode>
      <ApiNode data={{ name: 'Book', webhookUrl: 'POST /book', description: 'takes it' }} />
      <BaseNode title="Mine" subtitle="of my own" variant="noop" disableTargetHandle />
    </Drawn>,
  )
  expect(screen.getByText('what Confirm does')).toBeTruthy()
  expect(screen.getAllByText('2 failed')).toHaveLength(2) // not on the noop
  fireEvent.click(screen.getByText('Start'))
  expect(pressed).toHaveBeenCalled()
  expect(screen.getByText('POST /book')).toBeTruthy()
  const own = screen.getByText('Mine').closest('.node')
  expect(own?.querySelectorAll('.react-flow__handle')).toHaveLength(1)
})

it('a component that throws leaves the default node, which says so', () => {
  const quiet = vi.spyOn(console, 'error').mockImplementation(() => {})
  const Broken = () => {
    throw new Error('it broke')
  }
  show(
    <Guard data={data({ nodeComponentPath: 'steps/confirm_step.tsx' })}>
      <Broken />
    </Guard>,
  )
  expect(screen.getByText('steps/confirm_step.tsx: it broke')).toBeTruthy()
  expect(screen.getByText('Confirm')).toBeTruthy()
  quiet.mockRestore()
})

it('a component that cannot be bundled leaves the default node, which says so', async () => {
  const body = JSON.stringify({
    error: 'steps/confirm_step.tsx:1: Could not resolve "x"',
    code: 'COMPONENT_NOT_BUNDLED',
  })
  vi.stubGlobal('fetch', async () => new Response(body, { status: 422 }))
  const props = { id: 'Confirm', data: data({ nodeComponentPath: 'steps/confirm_step.tsx' }) }
  show(<ComponentNode {...(props as Parameters<typeof ComponentNode>[0])} />)
  expect(await screen.findByText(/Could not resolve "x"/)).toBeTruthy()
  expect(screen.getByText('made')).toBeTruthy()
})

it('the scale of a run has round times', () => {
  expect(ticks(22).map(({ text }) => text)).toEqual(['0', '5 ms', '10 ms', '15 ms'])
  expect(ticks(6010).map(({ text }) => text)).toEqual(['0', '2 s', '4 s'])
  expect(ticks(100).map(({ at }) => at)).toEqual([0, 0.2, 0.4, 0.6, 0.8])
  expect(spanOf([])).toBe(1)
})
