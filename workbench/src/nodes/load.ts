/** Gets components of the project: the core bundles a file, and the page imports the bundle. */

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

type Loaded = ComponentType<never>
const known = new Map<string, { code: string; component: Promise<Loaded> }>() // by address

/** What draws a node. */
export const loadNode = (file: string): Promise<NodeComponent> => load<ComponentProps>(`/nodes${query({ file })}`, file)

/** The component of a bundle; the same one as long as the bundle is the same. */
export async function load<P>(address: string, name: string): Promise<ComponentType<P>> {
  const code = await getText(address)
  const before = known.get(address)
  if (before?.code === code) return (await before.component) as ComponentType<P>
  const component = evaluate(code, name)
  known.set(address, { code, component })
  return (await component) as ComponentType<P>
}

async function evaluate(code: string, name: string): Promise<Loaded> {
  provide()
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
  try {
    const [module] = await Promise.all([import(/* @vite-ignore */ url), dress(code)])
    return componentOf(module as Record<string, unknown>, name)
  } finally {
    URL.revokeObjectURL(url)
  }
}

/** What a file exports as its component: `Node`, else the default. */
export function componentOf(module: Record<string, unknown>, file: string): Loaded {
  const found = module.Node ?? module.default
  const isComponent =
    typeof found === 'function' || (typeof found === 'object' && found !== null && '$$typeof' in found)
  if (!isComponent) throw new Error(`${file} exports no component: export it as Node, or as the default`)
  return found as Loaded
}
