/** What leads from one step to the next: a topic, how many of its events came lately, and how many attempts failed. */

import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from '@xyflow/react'
import { memo } from 'react'
import type { FlowEdge, StepStats } from '../api'
import { count } from '../format'

export interface Traffic extends Record<string, unknown> {
  label: string
  topic: string
  isDashed: boolean
  events: number
  failed: number
  running: number
}

export type GraphEdge = Edge<Traffic>

/** What an edge shows; `consumer` is what is known of the step that it leads to. */
export function traffic({ data }: FlowEdge, consumer: StepStats | undefined): Traffic {
  const seen = data.variant === 'virtual' ? undefined : consumer?.topics[data.topic]
  return {
    label: data.label ?? data.topic,
    topic: data.topic,
    isDashed: data.variant === 'virtual' || data.labelVariant === 'conditional',
    events: seen?.events ?? 0,
    failed: seen?.failed ?? 0,
    running: seen ? (consumer?.running ?? 0) : 0,
  }
}

export const TopicEdge = memo((props: EdgeProps<GraphEdge>) => {
  const { id, data, markerEnd, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition } = props
  const [path, x, y] = getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition })
  if (!data) return null
  const state = data.failed > 0 ? 'failing' : data.running > 0 ? 'running' : data.events > 0 ? 'used' : ''
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        className={`topic ${state} ${data.isDashed ? 'dashed' : ''}`}
        {...(markerEnd ? { markerEnd } : {})}
      />
      <EdgeLabelRenderer>
        <div
          className="topic-label nopan"
          style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
          title={`${data.topic}: ${data.events} events in the last 15 minutes`}
        >
          <span>{data.label}</span>
          {(data.events > 0 || data.failed > 0) && (
            <span>
              <b>{count(data.events)}</b>
              {data.failed > 0 && <b className="bad"> · {count(data.failed)} failed</b>}
            </span>
          )}
        </div>
      </EdgeLabelRenderer>
    </>
  )
})
