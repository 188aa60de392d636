/** What `motia/workbench` and `@motiadev/ui` are in node components: the parts of 0.x, drawn as our own nodes are. */

import { Handle, type HandleProps, Position } from '@xyflow/react'
import {
  type ButtonHTMLAttributes,
  createContext,
  type InputHTMLAttributes,
  type PropsWithChildren,
  useContext,
} from 'react'
import type { FlowNode, Place, StepType } from '../api'
import { Card, Live, type StepData, sides } from '../flow/step-node'

/** The step whose component is being rendered. */
export const Drawn = createContext<StepData | undefined>(undefined)

export type NodeData = Partial<FlowNode> & { nodeConfig?: Partial<Place> | undefined }

interface BaseNodeProps {
  title: string
  subtitle?: string | undefined
  variant: StepType
  language?: string | undefined
  className?: string | undefined
  data?: NodeData | undefined
  disableSourceHandle?: boolean | undefined
  disableTargetHandle?: boolean | undefined
}

export function BaseNode(props: PropsWithChildren<BaseNodeProps>) {
  const { title, subtitle, variant, language, className, data, children } = props
  const drawn = useContext(Drawn)
  const { target, source } = sides(data?.nodeConfig ?? drawn?.place)
  return (
    <Card
      type={variant}
      title={title}
      language={language}
      subtitle={subtitle}
      className={className}
      isSelected={drawn?.isSelected ?? false}
    >
      {!props.disableTargetHandle && <Handle type="target" position={target} />}
      {children && <div className="inside">{children}</div>}
      {variant !== 'noop' && <Live stats={drawn?.stats} />}
      {!props.disableSourceHandle && <Handle type="source" position={source} />}
    </Card>
  )
}

export function BaseHandle({ isHidden, ...props }: HandleProps & { isHidden?: boolean }) {
  return <Handle {...props} style={isHidden ? { visibility: 'hidden' } : undefined} />
}

type OfStep = PropsWithChildren<{ data?: NodeData; className?: string }>

/** The node of a type of step; `detail` is what that type has beside a description. */
function typed(variant: StepType, detail: (data: NodeData) => string | undefined) {
  return function TypedNode({ data: given, className, children }: OfStep) {
    const drawn = useContext(Drawn)
    const data: NodeData = given ?? drawn?.step ?? {}
    const some = (...lists: (string[] | undefined)[]) => lists.some((list) => list && list.length > 0)
    const line = detail(data)
    return (
      <BaseNode
        title={data.name ?? ''}
        subtitle={data.description}
        variant={variant}
        language={data.language}
        className={className}
        data={data}
        disableSourceHandle={!some(data.emits, data.virtualEmits)}
        disableTargetHandle={!some(data.subscribes, data.virtualSubscribes)}
      >
        {line && <div className="mono soft">{line}</div>}
        {children}
      </BaseNode>
    )
  }
}

export const ApiNode = typed('api', (data) => data.webhookUrl)
export const EventNode = typed('event', () => undefined)
export const CronNode = typed('cron', (data) => data.cronExpression)
export const NoopNode = typed('noop', () => undefined)

export function Button(props: ButtonHTMLAttributes<HTMLButtonElement> & { variant?: string; size?: string }) {
  const { variant, size: _size, className = '', ...rest } = props
  return <button type="button" {...rest} className={`nodrag ${variant === 'accent' ? 'primary' : ''} ${className}`} />
}

export function Input({ className = '', ...rest }: InputHTMLAttributes<HTMLInputElement>) {
  return <input {...rest} className={`nodrag ${className}`} />
}

export { Position }
