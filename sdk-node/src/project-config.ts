/** Loads the project's motia.config: serves what its `app` hook makes, and says which of its keys do nothing. */

import type { AppServer } from './app-hook.js'
import type { Identity } from './identity.js'
import { configFailure, type LoadFailure } from './load-failure.js'
import type { Exports, LoadedStep, Loader } from './loader.js'
import { loadPlugins } from './plugins.js'
import { type ProjectMiddleware, readMiddleware } from './project-middleware.js'

export interface LoadedConfig {
  app?: AppServer
  middleware: ProjectMiddleware
  /** Says who may connect to streams. */
  authenticate?: (...args: unknown[]) => unknown
  /** What plugins have registered. */
  routes: LoadedStep[]
  warnings: string[]
}

/** Keys of 0.x that something else took the place of. */
const REPLACED: Record<string, string> = {
  adapters: 'the core keeps state, streams, events and schedules itself, in SQLite or (store.url) PostgreSQL',
  otel: 'traces go to a collector of OpenTelemetry by setting (otlp.endpoint)',
  redis: 'nothing is kept in Redis; cores share a PostgreSQL database (store.url)',
}

const APP_ELSEWHERE =
  'the app hook is served on a socket of the machine that the core runs on, and this sidecar may be elsewhere: ' +
  'let the core launch the node sidecars (sidecars.external without node), or make steps of what the app does'

/** Imports the config file and calls its hook; whatever goes wrong in it is its own failure. */
export async function loadProjectConfig(
  path: string,
  loader: Loader,
  identity: Pick<Identity, 'address' | 'isExternal'>,
): Promise<LoadedConfig | { failure: LoadFailure }> {
  const imported = await loader.import(path)
  if ('failure' in imported) return imported
  const { authenticateStream, otel } = { ...(imported.value.default as object), ...imported.value }
  const config = defaultExport(imported.value) ?? (authenticateStream || otel ? {} : undefined)
  if (config === undefined) {
    return { failure: configFailure(path, 'there is no default export: export default defineConfig({ … })') }
  }
  if (typeof config !== 'object' || config === null) {
    return { failure: configFailure(path, `the default export must be an object, it is ${kindOf(config)}`) }
  }
  const { app, middleware: list, flows, streamAuth, plugins, ...others } = config as Exports
  const middleware = readMiddleware(list, flows)
  if (typeof middleware === 'string') return { failure: configFailure(path, middleware) }
  const auth = readStreamAuth(streamAuth ?? ofExport(authenticateStream))
  if (typeof auth === 'string') return { failure: configFailure(path, auth) }
  if (!isEmpty(otel)) others.otel = otel
  const warnings = Object.entries(others).flatMap(([key, value]) => (isEmpty(value) ? [] : [ignored(key)]))
  const built = await loader.guard(path, () => loadPlugins(path, plugins))
  if ('failure' in built) return built
  const { routes } = built.value
  const loaded: LoadedConfig = { middleware, routes, warnings: [...built.value.warnings, ...warnings], ...auth }
  if (isEmpty(app)) return loaded
  if (typeof app !== 'function') {
    return { failure: configFailure(path, `app must be a function that is given an Express app, it is ${kindOf(app)}`) }
  }
  if (identity.isExternal) return { failure: configFailure(path, APP_ELSEWHERE) }
  const { serveApp } = await import('./app-hook.js')
  const served = await loader.guard(path, () => serveApp(app, loader.projectRoot, identity.address))
  return 'failure' in served ? { failure: ofHook(served.failure) } : { ...loaded, app: served.value }
}

/** What `export default` or `module.exports` gives, through one or two rounds of interoperation. */
export function defaultExport(exports: Exports): unknown {
  const found = exports.default
  if (typeof found !== 'object' || found === null) return found
  const { default: nested, __esModule: wasModule } = found as Exports
  return wasModule === true ? nested : (nested ?? found)
}

/** What streamAuth says; a text: what is wrong with it. */
function readStreamAuth(streamAuth: unknown): Pick<LoadedConfig, 'authenticate'> | string {
  if (streamAuth === undefined || streamAuth === null) return {}
  const { authenticate } = streamAuth as Exports
  if (typeof authenticate === 'function') return { authenticate: authenticate as (...args: unknown[]) => unknown }
  return 'streamAuth must be { contextSchema, authenticate }, where authenticate is a function'
}

/** What Motia 1.0 has instead of streamAuth: a function that is exported. */
function ofExport(authenticateStream: unknown): unknown {
  if (isEmpty(authenticateStream)) return undefined
  if (typeof authenticateStream !== 'function') return {}
  const authenticate = async ({ headers, url }: { headers: object; url: string }, context: unknown) => {
    const { pathname, searchParams } = new URL(url, 'http://localhost')
    const queryParams = Object.fromEntries([...searchParams.keys()].map((key) => [key, searchParams.getAll(key)]))
    const answer = await authenticateStream({ headers, path: pathname, queryParams, addr: '' }, context)
    return (answer as { context?: unknown } | null | undefined)?.context ?? null
  }
  return { authenticate }
}

function ignored(key: string): string {
  const instead = REPLACED[key]
  return instead === undefined
    ? `${key} is not a key that is known: it does nothing`
    : `${key} does nothing: ${instead}`
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0)
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`
}

/** Says that it was the hook that threw. */
function ofHook(failure: LoadFailure): LoadFailure {
  const message = failure.message.replace(/^(threw while loading|syntax error):/, 'the app hook threw:')
  return { ...failure, message, phase: failure.phase === 'compile' ? 'import' : failure.phase }
}
