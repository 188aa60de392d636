/** Where the nodes of a flow stand: where somebody has put them, the others from left to right, or downwards. */

import dagre from '@dagrejs/dagre'
import type { Flow } from './api'

/** A name without the trigger that steps of Motia 1.0 have in theirs: nodes say below what starts them. */
export const shortName = (name: string): string =>
  name.replace(/::(?:(?:http|queue|cron|stream)\(.*\)|state)(?:-\d+)?$/, '')

export const WIDTH = 212
export const HEIGHT = 78
const GAP = 28
const ACROSS = 4 // nodes of a row, when nothing else says how wide the graph is

export interface Size {
  width: number
  height: number
}

export type Direction = 'right' | 'down'

/** Steps that lead to others as a graph, those that stand alone in rows below it. `sizes`: of nodes that are not as large as ours are. */
export function layout(
  flow: Flow,
  sizes: Map<string, Size> = new Map(),
  direction: Direction = 'right',
): Map<string, { x: number; y: number }> {
  const sizeOf = (id: string) => sizes.get(id) ?? { width: WIDTH, height: HEIGHT }
  const graph = new dagre.graphlib.Graph({ multigraph: true })
  const longest = Math.max(0, ...flow.edges.map(({ data }) => (data.label ?? data.topic).length))
  if (direction === 'down') graph.setGraph({ rankdir: 'TB', nodesep: GAP, ranksep: 64 })
  else graph.setGraph({ rankdir: 'LR', nodesep: GAP, ranksep: Math.min(156, 30 + longest * 6) })
  graph.setDefaultEdgeLabel(() => ({}))
  const joined = new Set(flow.edges.flatMap(({ source, target }) => [source, target]))
  for (const id of joined) graph.setNode(id, { ...sizeOf(id) })
  for (const { id, source, target } of flow.edges) graph.setEdge(source, target, {}, id)
  dagre.layout(graph)
  const places = new Map<string, { x: number; y: number }>()
  for (const id of joined) {
    const { x, y, width, height } = graph.node(id)
    places.set(id, { x: x - width / 2, y: y - height / 2 })
  }
  const { width = 0, height = 0 } = joined.size > 0 ? graph.graph() : {}
  const alone = flow.steps.map(({ id }) => id).filter((id) => !joined.has(id))
  const most = direction === 'down' ? width : Math.max(width, ACROSS * (WIDTH + GAP))
  let [x, y, tallest] = [0, height > 0 ? height + 2 * GAP : 0, 0]
  for (const id of alone) {
    const size = sizeOf(id)
    if (x > 0 && x + size.width > most) [x, y, tallest] = [0, y + tallest + GAP, 0]
    places.set(id, { x, y })
    x += size.width + GAP
    tallest = Math.max(tallest, size.height)
  }
  for (const { id, filePath } of flow.steps) {
    const own = flow.config[filePath]
    if (own && (own.x || own.y)) places.set(id, { x: own.x, y: own.y })
  }
  return places
}

/** The graph as an image without scripts or fonts of its own. */
export function svg(flow: Flow, places: Map<string, { x: number; y: number }>): string {
  const all = [...places.values()]
  const left = Math.min(...all.map(({ x }) => x)) - 20
  const top = Math.min(...all.map(({ y }) => y)) - 20
  const right = Math.max(...all.map(({ x }) => x)) + WIDTH + 20
  const bottom = Math.max(...all.map(({ y }) => y)) + HEIGHT + 20
  const colour = { api: '#24733f', event: '#2f6299', cron: '#9a5b00', noop: '#6b7280' }
  const text = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
  const edges = flow.edges.map(({ source, target, data }) => {
    const [from, to] = [places.get(source), places.get(target)]
    if (!from || !to) return ''
    const [x1, y1, x2, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2]
    const bend = Math.max(40, (x2 - x1) / 2)
    const dash = data.variant === 'virtual' ? ' stroke-dasharray="5 4"' : ''
    return `<path d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}" fill="none" stroke="#6b7280"${dash}/><text x="${(x1 + x2) / 2}" y="${(y1 + y2) / 2 - 5}" font-size="11" fill="#5a6676" text-anchor="middle">${text(data.label ?? data.topic)}</text>`
  })
  const nodes = flow.steps.map((step) => {
    const { x, y } = places.get(step.id) ?? { x: 0, y: 0 }
    const more = step.webhookUrl ?? step.cronExpression ?? step.watches ?? step.subscribes.join(', ')
    return `<rect x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT - 20}" rx="8" fill="#fff" stroke="${colour[step.type]}"/><text x="${x + 12}" y="${y + 26}" font-size="14" font-weight="600" fill="#1c2430">${text(shortName(step.name))}</text><text x="${x + 12}" y="${y + 46}" font-size="12" fill="#5a6676">${text(more)}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${left} ${top} ${right - left} ${bottom - top}" font-family="system-ui, sans-serif">${[...edges, ...nodes].join('')}</svg>`
}
