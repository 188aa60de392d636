/** A step that the project draws itself. What goes wrong in its component is said on the default node. */

import { useQuery } from '@tanstack/react-query'
import { Handle, type NodeProps, useUpdateNodeInternals } from '@xyflow/react'
import { Component, type ReactNode, useEffect } from 'react'
import { DefaultNode, type GraphNode, type StepData, sides } from '../flow/step-node'
import { loadNode, type NodeComponent } from './load'
import { Drawn } from './parts'

interface GuardProps {
  data: StepData
  children: ReactNode
}

/** Shows the default node when the component throws. */
export class Guard extends Component<GuardProps, { error: string }> {
  override state = { error: '' }

  static getDerivedStateFromError(error: unknown): { error: string } {
    return { error: error instanceof Error ? error.message : String(error) }
  }

  override render(): ReactNode {
    const { data, children } = this.props
    const { error } = this.state
    return error ? <DefaultNode data={data} note={`${data.step.nodeComponentPath}: ${error}`} /> : children
  }
}

function Custom({ id, data, component: Shown }: { id: string; data: StepData; component: NodeComponent }) {
  const update = useUpdateNodeInternals()
  const { target, source } = sides(data.place)
  useEffect(() => update(id), [id, update]) // its handles are elsewhere than those of the default node
  return (
    <div className={`component ${data.isSelected ? 'selected' : ''}`}>
      <Drawn value={data}>
        <Shown id={id} selected={data.isSelected} data={{ ...data.step, nodeConfig: data.place }} />
      </Drawn>
      {/* edges take a node's first handle: these are for components that have none */}
      <Handle type="target" position={target} className="spare" />
      <Handle type="source" position={source} className="spare" />
    </div>
  )
}

export default function ComponentNode({ id, data }: NodeProps<GraphNode>) {
  const file = data.step.nodeComponentPath ?? ''
  const found = useQuery({
    queryKey: ['nodes', file],
    queryFn: () => loadNode(file),
    staleTime: Infinity,
    retry: false,
  })
  if (found.error) return <DefaultNode data={data} note={found.error.message} />
  const component = found.data
  if (!component) return <DefaultNode data={data} />
  return (
    <Guard key={known(component)} data={data}>
      <Custom id={id} data={data} component={component} />
    </Guard>
  )
}

const numbers = new WeakMap<object, number>()
let last = 0

/** A key for each component: another one, after a change of its file, gets another chance. */
function known(component: NodeComponent): number {
  const number = numbers.get(component) ?? ++last
  numbers.set(component, number)
  return number
}
