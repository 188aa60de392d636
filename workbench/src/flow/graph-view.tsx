/** The graph of a flow: its nodes can be moved, and say what happens in them. */

import { useQuery } from '@tanstack/react-query'
import {
  applyNodeChanges,
  Background,
  Controls,
  MarkerType,
  MiniMap,
  type NodeChange,
  type NodeProps,
  ReactFlow,
  type ReactFlowInstance,
} from '@xyflow/react'
import '@xyflow/react/dist/style.css'
import { lazy, type MouseEvent, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { type Flow, get, type Place, post, type StepStats } from '../api'
import { type Direction, layout, type Size } from '../graph'
import { attempt } from '../parts/bits'
import { useDark } from '../theme'
import { DefaultNode, type GraphNode, placed as placeOf, StepNode } from './step-node'
import { type GraphEdge, TopicEdge, traffic } from './topic-edge'

const SAVE_MS = 400 // after the last move of a node
const MANY = 60 // steps: more are rendered only where they are seen
const FIT = { maxZoom: 1, minZoom: 0.55, padding: 0.06 }
const NARROW = '(max-width: 760px)' // as in the style sheet: there a graph goes downwards

const ComponentNode = lazy(() => import('../nodes/component-node'))

function CustomNode(props: NodeProps<GraphNode>) {
  return (
    <Suspense fallback={<DefaultNode data={props.data} />}>
      <ComponentNode {...props} />
    </Suspense>
  )
}

const NODE_TYPES = { step: StepNode, custom: CustomNode }
const EDGE_TYPES = { topic: TopicEdge }

interface Props {
  flow: Flow
  selected: string
  select: (id: string) => void
  placed: (places: Map<string, { x: number; y: number }>) => void
}

export function GraphView({ flow, selected, select, placed }: Props) {
  const stats = useQuery({
    queryKey: ['stats'],
    queryFn: () => get<{ steps: Record<string, StepStats> }>('/stats?minutes=15'),
    refetchInterval: 15_000,
  })
  const steps = stats.data?.steps
  const { nodes, change, moved } = useNodes(flow, steps, selected)
  const save = useSaving(flow, nodes)
  const graph = useRef<ReactFlowInstance<GraphNode, GraphEdge>>(undefined)
  const wasMoved = useRef(false) // by a person: then the view stays where it is
  const isDark = useDark()
  useEffect(() => placed(new Map(nodes.map(({ id, position }) => [id, position]))), [nodes, placed])
  const places = nodes.map(({ position: { x, y } }) => `${x} ${y}`).join()
  useEffect(() => {
    if (!places || wasMoved.current) return
    // components that have come make it larger, the panel beside it smaller: then what is around the step is seen
    const shown = around(flow, selected)
    requestAnimationFrame(() => void graph.current?.fitView(shown ? { ...FIT, nodes: shown } : FIT))
  }, [places, flow, selected])
  const edges = useMemo<GraphEdge[]>(
    () =>
      flow.edges.map((edge) => ({
        id: edge.id,
        type: 'topic',
        source: edge.source,
        target: edge.target,
        data: traffic(edge, steps?.[edge.target]),
        markerEnd: { type: MarkerType.ArrowClosed, color: 'var(--edge)' },
      })),
    [flow, steps],
  )
  const click = (event: MouseEvent, id: string) => {
    const target = event.target as HTMLElement
    if (!target.closest('.component :is(button, a, input, select, textarea, label)')) select(id === selected ? '' : id)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its nodes can be focused; this opens the one that is
    <div
      className="graph"
      onKeyDown={({ key, target }) => {
        const node = (target as HTMLElement).closest<HTMLElement>('.react-flow__node')
        if (key === 'Enter' && node === target) select(node?.dataset.id ?? '')
      }}
    >
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onInit={(instance) => {
          graph.current = instance
        }}
        onNodesChange={change}
        onNodeDragStart={(_, __, dragged) => {
          wasMoved.current = true
          for (const { id } of dragged) moved.current.add(id)
        }}
        onNodeDragStop={save}
        onMoveStart={(event) => {
          if (event) wasMoved.current = true
        }}
        onNodeClick={(event, { id }) => click(event, id)}
        onPaneClick={() => select('')}
        colorMode={isDark ? 'dark' : 'light'}
        fitView
        fitViewOptions={FIT}
        minZoom={0.1}
        nodesConnectable={false}
        edgesFocusable={false}
        onlyRenderVisibleElements={flow.steps.length > MANY}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={24} />
        <Controls showInteractive={false} />
        {flow.steps.length > 12 && <MiniMap pannable zoomable className="wide" />}
      </ReactFlow>
    </div>
  )
}

/** A step and what leads to it and from it. */
function around({ edges }: Flow, id: string): { id: string }[] | undefined {
  if (!id) return undefined
  const near = edges.flatMap(({ source, target }) => (source === id ? [target] : target === id ? [source] : []))
  return [...new Set([id, ...near])].map((one) => ({ id: one }))
}

/** Nodes where the layout puts them, or where somebody has; components are as large as they are. */
function useNodes(flow: Flow, stats: Record<string, StepStats> | undefined, selected: string) {
  const [nodes, setNodes] = useState<GraphNode[]>([])
  const [sizes, setSizes] = useState<Map<string, Size>>(new Map())
  const moved = useRef(new Set<string>())
  const [direction] = useState<Direction>(() => (matchMedia(NARROW).matches ? 'down' : 'right'))
  const made = useMemo(() => layout(flow, sizes, direction), [flow, sizes, direction])
  useEffect(() => {
    setNodes((before) => {
      const known = new Map(before.map((node) => [node.id, node]))
      return flow.steps.map((step) => {
        const old = known.get(step.id)
        const place = placeOf(flow.config[step.filePath], direction)
        const position = (moved.current.has(step.id) && old?.position) || (made.get(step.id) ?? { x: 0, y: 0 })
        return {
          ...old,
          id: step.id,
          type: step.nodeComponentPath ? 'custom' : 'step',
          position,
          data: { step, place, stats: stats?.[step.id], isSelected: step.id === selected },
          ariaLabel: `${step.type} step ${step.name}`,
        }
      })
    })
  }, [flow, made, stats, selected, direction])
  const change = (changes: NodeChange<GraphNode>[]) => {
    setNodes((before) => applyNodeChanges(changes, before))
    const own = new Set(flow.steps.filter(({ nodeComponentPath }) => nodeComponentPath).map(({ id }) => id))
    for (const one of changes)
      if (one.type === 'dimensions' && own.has(one.id) && one.dimensions) {
        const { width, height } = one.dimensions
        setSizes((before) => {
          const old = before.get(one.id)
          return old?.width === width && old.height === height ? before : new Map(before).set(one.id, { width, height })
        })
      }
  }
  return { nodes, change, moved }
}

/** Saves where nodes stand, some time after the last move. What else is kept of them stays. */
function useSaving(flow: Flow, nodes: GraphNode[]): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const latest = useRef(nodes)
  latest.current = nodes
  return () => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      const config: Record<string, Place> = { ...flow.config }
      for (const { data, position } of latest.current)
        config[data.step.filePath] = {
          ...flow.config[data.step.filePath],
          x: Math.round(position.x),
          y: Math.round(position.y),
        }
      void attempt(async () => {
        await post(`/flows/${encodeURIComponent(flow.id)}/config`, { id: flow.id, config })
        return undefined
      })
    }, SAVE_MS)
  }
}
