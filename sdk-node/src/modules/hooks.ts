/** Hooks of the ESM loader; Node runs them in a thread of their own. They come before tsx's, and use them. */

import { readFile } from 'node:fs/promises'
import type { LoadHook, ResolveHook } from 'node:module'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { withoutShadowing } from './commonjs-names.js'
import { ownModule } from './specifiers.js'

/** Query that asks for a file as an ES module although its package says CommonJS (top-level await). */
export const AS_MODULE = 'motia-module'

export const resolve: ResolveHook = async (specifier, context, next) => {
  const own = ownModule(specifier)
  if (own !== undefined) return { url: own, shortCircuit: true }
  // Relative imports of such a file must not inherit its query.
  const parentURL = context.parentURL?.replace(`?${AS_MODULE}`, '')
  const resolved = await next(specifier, parentURL === context.parentURL ? context : { ...context, parentURL })
  return specifier.endsWith(`?${AS_MODULE}`) ? { ...resolved, format: 'module' } : resolved
}

export const load: LoadHook = async (url, context, next) => {
  if (url.endsWith(`?${AS_MODULE}`)) {
    const path = fileURLToPath(url.slice(0, -AS_MODULE.length - 1))
    const loader = extname(path).endsWith('ts') ? 'ts' : 'js'
    const source = await readFile(path, 'utf8')
    const { code } = await transform(source, {
      loader,
      format: 'esm',
      sourcemap: 'inline',
      sourcefile: path,
      target: 'node20',
    })
    return { format: 'module', source: withoutShadowing(code), shortCircuit: true }
  }
  const loaded = await next(url, context)
  const isProjectFile = loaded.format === 'module' && url.startsWith('file:') && !url.includes('/node_modules/')
  if (!isProjectFile || loaded.source == null) return loaded
  return { ...loaded, source: withoutShadowing(loaded.source.toString()) }
}
