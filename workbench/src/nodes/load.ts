/** Gets node components: the core bundles a file, and the page imports the bundle. */

import type { ComponentType } from 'react'
import { getText, query } from '../api'
import { provide } from './provided'
import { dress } from './utilities'

export interface ComponentProps {
  id: string
  selected: boolean
  data: object
}

export type NodeComponent = ComponentType<ComponentProps>

const known = new Map<string, { code: string; component: Promise<NodeComponent> }>() // by file

/** The component of a file; the same one as long as the bundle is the same. */
export async function load(file: string): Promise<NodeComponent> {
  const code = await getText(`/nodes${query({ file })}`)
  const before = known.get(file)
  if (before?.code === code) return before.component
  const component = evaluate(code, file)
  known.set(file, { code, component })
  return component
}

async function evaluate(code: string, file: string): Promise<NodeComponent> {
  provide()
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
  try {
    const [module] = await Promise.all([import(/* @vite-ignore */ url), dress(code)])
    return componentOf(module as Record<string, unknown>, file)
  } finally {
    URL.revokeObjectURL(url)
  }
}

/** What a file exports as its component: `Node`, else the default. */
export function componentOf(module: Record<string, unknown>, file: string): NodeComponent {
  const found = module.Node ?? module.default
  const isComponent =
    typeof found === 'function' || (typeof found === 'object' && found !== null && '$$typeof' in found)
  if (!isComponent) throw new Error(`${file} exports no component: export it as Node, or as the default`)
  return found as NodeComponent
}
