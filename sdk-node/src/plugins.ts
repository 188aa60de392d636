/**
 * Plugins of 0.x that a project has of its own: the routes that they register become api steps of the config file. What
 * the plugins of @motiadev did is built into the core; stand-ins for them do nothing.
 */

import type { LoadedStep } from './loader.js'

/** A page that a plugin adds to the workbench: what it says in `workbench`, by the names that the core has for it. */
export interface Tab {
  package: string
  component: string
  label: string
  position: string
  styles: string[]
  props: object
}

export interface LoadedPlugins {
  routes: LoadedStep[]
  tabs: Tab[]
  warnings: string[]
}

type Builder = (motia: object) => unknown

interface Endpoint {
  method?: unknown
  path?: unknown
}

const NOTHING = 'what the plugins of 0.x did is built in, or a command of motia-core; steps of plugins are not loaded'
/** Of the object that 0.x gives to plugins; a plugin that is written for them reads the like from the context of its handler. */
const NOT_THERE = ['state', 'lockedData', 'tracerFactory', 'eventAdapter']

/** Calls the plugins of a config; what goes wrong in one is its own warning. */
export async function loadPlugins(configFile: string, plugins: unknown): Promise<LoadedPlugins> {
  const list = Array.isArray(plugins) ? (plugins as unknown[]) : []
  const loaded: LoadedPlugins = { routes: [], tabs: [], warnings: [] }
  for (const [at, entry] of list.entries()) {
    const build = builder(entry)
    if (build === undefined) continue
    try {
      const made = await build(motiaFor(configFile, loaded))
      const { workbench, steps } = (made ?? {}) as { workbench?: unknown; steps?: unknown }
      for (const entry of listOf(workbench)) {
        const tab = readTab(entry)
        if (typeof tab === 'string') loaded.warnings.push(`plugins[${at}].workbench: ${tab}`)
        else loaded.tabs.push(tab)
      }
      if (listOf(steps).length > 0) loaded.warnings.push(`plugins[${at}]: its steps are not there; its routes are`)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      loaded.warnings.push(`plugins[${at}] threw, and does nothing: ${message}`)
    }
  }
  const { routes, tabs, warnings } = loaded
  if (list.length > 0 && routes.length + tabs.length + warnings.length === 0) {
    warnings.push(`plugins does nothing: ${NOTHING}`)
  }
  return loaded
}

/** A plugin, or what `require` makes of a module whose default export is one. */
function builder(entry: unknown): Builder | undefined {
  if (typeof entry === 'function') return entry as Builder
  const byDefault = (entry as { default?: unknown } | null | undefined)?.default
  return typeof byDefault === 'function' ? (byDefault as Builder) : undefined
}

/** What a plugin is given. */
function motiaFor(configFile: string, { routes, warnings }: LoadedPlugins): object {
  const registerApi = (endpoint: Endpoint, handler: unknown): (() => void) => {
    const method = String(endpoint?.method ?? 'GET').toUpperCase()
    const path = endpoint?.path
    if (typeof path !== 'string' || !path.startsWith('/') || typeof handler !== 'function') {
      throw new TypeError("registerApi takes { method, path: '/…' } and a handler")
    }
    const route = routeStep(`${configFile}#${method} ${path}`, method, path, handler)
    if (routes.some((other) => other.path === route.path)) {
      warnings.push(`${method} ${path} is registered twice; the first handler serves it`)
      return () => {}
    }
    routes.push(route)
    return () => {
      const at = routes.indexOf(route)
      if (at >= 0) routes.splice(at, 1)
    }
  }
  const absent = Object.fromEntries(NOT_THERE.map((name) => [name, missing(name)]))
  return { ...absent, printer: console, registerApi }
}

function routeStep(id: string, method: string, path: string, handler: Function): LoadedStep {
  const name = `${method} ${path}`
  const description = 'registered by a plugin'
  const config = { type: 'api', name, description, method, path, emits: [], flows: [] }
  return {
    path: id,
    key: '',
    trigger: 0,
    isApi: true,
    config,
    handler,
    middleware: [],
    middlewareCount: 0,
    isStrict: false,
    line: 0,
    warnings: [],
  }
}

/** May be taken apart and handed on; only its use is an error. */
function missing(name: string): object {
  return new Proxy(
    {},
    {
      get: (_target, member) => {
        if (typeof member === 'symbol' || member === 'then') return undefined
        return () => {
          throw new Error(`motia.${name} is not there for plugins: handlers of registerApi have it in their context`)
        }
      },
    },
  )
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** A tab as 0.x has it; a text: what is wrong with it. */
function readTab(entry: unknown): Tab | string {
  const { packageName, componentName, label, position, cssImports, props } = (entry ?? {}) as Record<string, unknown>
  if (typeof packageName !== 'string' || packageName === '') {
    return "a tab needs packageName, an installed package or '~/' and a path in the project; it is not shown"
  }
  const text = (value: unknown, otherwise: string): string =>
    typeof value === 'string' && value !== '' ? value : otherwise
  return {
    package: packageName,
    component: text(componentName, 'default'),
    label: text(label, 'Plugin label'),
    position: position === 'bottom' ? 'bottom' : 'top',
    styles: listOf(cssImports).filter((one): one is string => typeof one === 'string'),
    props: typeof props === 'object' && props !== null ? props : {},
  }
}
