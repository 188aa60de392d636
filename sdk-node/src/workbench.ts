/**
 * Types of `motia/workbench`, from which node components (`*.step.tsx`) import. The workbench's page has what they
 * stand for (workbench/src/nodes/parts.tsx); in a step shims/stand-in.cts stands there.
 */

// biome-ignore lint/suspicious/noExplicitAny: these are React's types, and nothing here depends on React
type React = any

/** What a step says of itself, as its flow shows it. */
export interface NodeData {
  id: string
  type: 'api' | 'event' | 'cron' | 'noop'
  name: string
  description?: string
  language?: string
  filePath: string
  subscribes: string[]
  emits: string[]
  virtualEmits: string[]
  virtualSubscribes: string[]
  nodeConfig?: { sourceHandlePosition?: 'bottom' | 'right'; targetHandlePosition?: 'top' | 'left' }
}

/** What a component gets. */
export interface NodeProps<Data extends NodeData = NodeData> {
  id?: string
  selected?: boolean
  data: Data
}
export type EventNodeProps = NodeProps
export type NoopNodeProps = NodeProps
/** `webhookUrl` is method and path. */
export type ApiNodeProps = NodeProps<NodeData & { webhookUrl?: string; action?: 'webhook' }>
export type CronNodeProps = NodeProps<NodeData & { cronExpression: string }>

export interface BaseNodeProps {
  title: string
  subtitle?: string
  variant: 'api' | 'event' | 'cron' | 'noop'
  language?: string
  className?: string
  data?: NodeData
  children?: React
  disableSourceHandle?: boolean
  disableTargetHandle?: boolean
}

interface Around {
  className?: string
  children?: React
  variant?: string
  shape?: string
}

export declare const BaseNode: (props: BaseNodeProps) => React
export declare const BaseHandle: (props: {
  type: 'source' | 'target'
  position: PositionName | `${PositionName}`
  id?: string
  isHidden?: boolean
  className?: string
  style?: React
  onClick?: () => void
}) => React
export declare const ApiNode: (props: ApiNodeProps & Around) => React
export declare const EventNode: (props: EventNodeProps & Around) => React
export declare const CronNode: (props: CronNodeProps & Around) => React
export declare const NoopNode: (props: NoopNodeProps & Around) => React
export declare const Button: (props: React) => React
export declare const Input: (props: React) => React

type PositionName = 'top' | 'bottom' | 'left' | 'right'
export declare const Position: { Top: 'top'; Bottom: 'bottom'; Left: 'left'; Right: 'right' }
export declare const workbenchXPath: React

export interface TutorialStep {
  title: string
  description: React
  [other: string]: React
}
