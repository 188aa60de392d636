/** A step in the graph of its flow, with what happens in it now. */

import { Handle, type Node, type NodeProps, Position } from '@xyflow/react'
import { memo, type ReactNode } from 'react'
import type { FlowNode, Place, StepStats, StepType } from '../api'
import { count, duration } from '../format'
import { type Direction, shortName } from '../graph'

const SHORT: Record<string, string> = { typescript: 'TS', javascript: 'JS', python: 'PY', ruby: 'RB' }

export interface StepData extends Record<string, unknown> {
  step: FlowNode
  place: Partial<Place>
  stats: StepStats | undefined
  isSelected: boolean
}

export type GraphNode = Node<StepData>

/** Where a node stands and edges end at it: as the flow's file says, else as the graph goes. */
export const placed = (own: Place | undefined, direction: Direction): Partial<Place> =>
  direction === 'down' ? { sourceHandlePosition: 'bottom', targetHandlePosition: 'top', ...own } : (own ?? {})

export function sides(place: Partial<Place> | undefined) {
  return {
    target: place?.targetHandlePosition === 'top' ? Position.Top : Position.Left,
    source: place?.sourceHandlePosition === 'bottom' ? Position.Bottom : Position.Right,
  }
}

/** What a step says of itself below its name. */
export const more = (step: FlowNode): string =>
  step.webhookUrl ?? step.cronExpression ?? step.watches ?? step.subscribes.join(', ')

export function Live({ stats }: { stats: StepStats | undefined }) {
  return (
    <div className="live">
      {stats ? (
        <>
          <span title="completed in the last 15 minutes">{count(stats.completed)} done</span>
          {stats.failed > 0 && <span className="bad">{count(stats.failed)} failed</span>}
          {stats.running > 0 && <span>{stats.running} running</span>}
          {stats.waiting > 0 && <span>{count(stats.waiting)} waiting</span>}
          {stats.completed > 0 && (
            <span className="push" title="half of them took at most">
              {duration(stats.p50Ms)}
            </span>
          )}
        </>
      ) : (
        <span>idle</span>
      )}
    </div>
  )
}

interface CardProps {
  type: StepType
  title: string
  /** What is shown of the title; the rest is said elsewhere on the card. */
  shown?: string
  language?: string | undefined
  subtitle?: ReactNode
  className?: string | undefined
  isSelected: boolean
  children?: ReactNode
}

/** The frame of a node, for ours and for those of the project. */
export function Card({
  type,
  title,
  shown = title,
  language,
  subtitle,
  className = '',
  isSelected,
  children,
}: CardProps) {
  return (
    <div className={`node ${type} ${isSelected ? 'selected' : ''} ${className}`}>
      <div className="title">
        <span title={title}>{shown}</span>
        <span className="kind">
          {type}
          {language && SHORT[language] ? ` · ${SHORT[language]}` : ''}
        </span>
      </div>
      {subtitle && <div className="subtitle">{subtitle}</div>}
      {children}
    </div>
  )
}

/** `note`: why it is drawn like this, although the project has a component for it. */
export function DefaultNode({ data, note }: { data: StepData; note?: string }) {
  const { step, stats, isSelected, place } = data
  const { target, source } = sides(place)
  const subtitle = more(step) || step.description
  return (
    <Card
      type={step.type}
      title={step.name}
      shown={shortName(step.name)}
      language={step.language}
      subtitle={
        subtitle && (
          <span className="mono" title={subtitle}>
            {subtitle}
          </span>
        )
      }
      isSelected={isSelected}
    >
      <Handle type="target" position={target} />
      {step.type !== 'noop' && <Live stats={stats} />}
      {note && (
        <div className="note" role="status" title={note}>
          {note}
        </div>
      )}
      <Handle type="source" position={source} />
    </Card>
  )
}

export const StepNode = memo(({ data }: NodeProps<GraphNode>) => <DefaultNode data={data} />)
