/** Hooks of the ESM loader; Node runs them in a thread of their own. They come before tsx's, and use them. */

import { readFile } from 'node:fs/promises'
import type { InitializeHook, LoadHook, ResolveHook } from 'node:module'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MessagePort } from 'node:worker_threads'
import { transform } from 'esbuild'
import { withoutShadowing } from './commonjs-names.js'
import { ownModule } from './specifiers.js'

/** Query that asks for a file as an ES module although its package says CommonJS (top-level await). */
export const AS_MODULE = 'motia-module'

/** Scheme of modules that pass on what a CommonJS file of the project exports, from the instance that `require` gives. */
const COMMONJS = 'motia-commonjs:'

/** What the main thread hears of each module. */
export interface SeenModule {
  url: string
  /** It is imported from outside of what is installed. */
  isEntry: boolean
}

const INSTALLED = '/node_modules/'
const entries = new Set<string>()
let port: MessagePort | undefined

export const initialize: InitializeHook<{ port: MessagePort }> = (data) => {
  port = data.port
}

export const resolve: ResolveHook = async (specifier, context, next) => {
  const own = ownModule(specifier)
  if (own !== undefined) return { url: own, shortCircuit: true }
  const found = await find(specifier, context, next)
  if (found.url.includes(INSTALLED) && !context.parentURL?.includes(INSTALLED)) entries.add(found.url)
  return found
}

const find: ResolveHook = async (specifier, context, next) => {
  if (!context.parentURL?.endsWith(`?${AS_MODULE}`)) return next(specifier, context)
  // Imports of such a file must not inherit its query; what they find is CommonJS, as for all others.
  const resolved = await next(specifier, { ...context, parentURL: context.parentURL.slice(0, -AS_MODULE.length - 1) })
  const isProjectCode = /^file:.*\.[cm]?[jt]s(\?|$)/.test(resolved.url) && !resolved.url.includes(INSTALLED)
  return isProjectCode ? { url: COMMONJS + resolved.url.split('?')[0], shortCircuit: true } : resolved
}

export const load: LoadHook = async (url, context, next) => {
  if (url.startsWith(COMMONJS)) {
    return { format: 'module', source: await passOn(fileURLToPath(url.slice(COMMONJS.length))), shortCircuit: true }
  }
  if (url.endsWith(`?${AS_MODULE}`)) {
    const path = fileURLToPath(url.slice(0, -AS_MODULE.length - 1))
    const { code } = await compile(path, 'esm')
    return { format: 'module', source: withoutShadowing(code), shortCircuit: true }
  }
  if (url.startsWith('file:')) port?.postMessage({ url, isEntry: entries.delete(url) } satisfies SeenModule)
  const loaded = await next(url, context)
  const isProjectFile = loaded.format === 'module' && url.startsWith('file:') && !url.includes(INSTALLED)
  if (!isProjectFile || loaded.source == null) return loaded
  return { ...loaded, source: withoutShadowing(loaded.source.toString()) }
}

async function compile(path: string, format: 'esm' | 'cjs'): Promise<{ code: string }> {
  const loader = extname(path).endsWith('ts') ? 'ts' : 'js'
  const source = await readFile(path, 'utf8')
  return transform(source, {
    loader,
    format,
    platform: 'node',
    sourcemap: 'inline',
    sourcefile: path,
    target: 'node20',
  })
}

async function passOn(path: string): Promise<string> {
  const { code } = await compile(path, 'cjs')
  const names = /0 && \(module\.exports = \{([^}]*)\}\)/.exec(code)?.[1]?.match(/[\w$]+/g) ?? [] // esbuild's list of exports
  const lines = names.filter((name) => name !== 'default').map((name) => `export const ${name} = exports.${name};`)
  const file = JSON.stringify(path)
  const head = `import { createRequire } from 'node:module'; const exports = createRequire(${file})(${file});`
  return `${head} export default exports?.__esModule ? exports.default : exports; ${lines.join(' ')}`
}
