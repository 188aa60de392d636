/** Middleware of the project's config: for all api steps, and for those of a flow. It comes before that of a step. */

import type { LoadedStep } from './loader.js'

export class ProjectMiddleware {
  constructor(
    private readonly everywhere: Function[],
    private readonly byFlow: ReadonlyMap<string, Function[]>,
  ) {}

  /** Whether there is any for all api steps. */
  get isGlobal(): boolean {
    return this.everywhere.length > 0
  }

  /** Puts a step's own behind it. */
  apply(step: LoadedStep): void {
    if (!step.isApi) return
    const flows = Array.isArray(step.config.flows) ? (step.config.flows as unknown[]) : []
    const ofFlows = flows.flatMap((flow) => this.byFlow.get(String(flow)) ?? [])
    step.middleware = [...this.everywhere, ...ofFlows, ...step.middleware]
  }
}

/** From `middleware` and `flows` of a config; a text says what is wrong with them. */
export function readMiddleware(list: unknown, flows: unknown): ProjectMiddleware | string {
  const everywhere = functions(list ?? [])
  if (everywhere === undefined) return 'middleware must be a list of functions'
  const byFlow = new Map<string, Function[]>()
  if (flows !== undefined && (typeof flows !== 'object' || flows === null || Array.isArray(flows))) {
    return 'flows must be an object: flows: { orders: { middleware: [check] } }'
  }
  for (const [flow, settings] of Object.entries(flows ?? {})) {
    const ofFlow = functions((settings as { middleware?: unknown } | null)?.middleware ?? [])
    if (ofFlow === undefined) return `flows.${flow}.middleware must be a list of functions`
    byFlow.set(flow, ofFlow)
  }
  return new ProjectMiddleware(everywhere, byFlow)
}

function functions(list: unknown): Function[] | undefined {
  const entries = Array.isArray(list) ? (list as unknown[]) : [list]
  return entries.every((entry) => typeof entry === 'function') ? (entries as Function[]) : undefined
}
