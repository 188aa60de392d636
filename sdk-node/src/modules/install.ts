/** Installs what makes a project's files importable: TypeScript, our own modules, names of CommonJS. */

import Module, { register } from 'node:module'
import { fileURLToPath } from 'node:url'
import { ownModule } from './specifiers.js'

type ResolveFilename = (request: string, ...rest: unknown[]) => string

let installed: Promise<void> | undefined

/** Once per process. */
export function installHooks(): Promise<void> {
  return (installed ??= install())
}

async function install(): Promise<void> {
  const [esm, cjs] = await Promise.all([import('tsx/esm/api'), import('tsx/cjs/api')])
  cjs.register()
  esm.register()
  register('./hooks.js', import.meta.url) // after tsx, so that ours are asked first
  const node = Module as unknown as { _resolveFilename: ResolveFilename }
  const original = node._resolveFilename
  node._resolveFilename = function (this: unknown, request, ...rest) {
    const own = ownModule(request)
    return own === undefined ? original.call(this, request, ...rest) : fileURLToPath(own)
  }
}
