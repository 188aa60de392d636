/** Installs what makes a project's files importable: TypeScript, our own modules, names of CommonJS. */

import Module, { register } from 'node:module'
import { fileURLToPath } from 'node:url'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { ownModule } from './specifiers.js'

type ResolveFilename = (request: string, ...rest: unknown[]) => string

let installed: Promise<MessagePort> | undefined

/** Once per process; the port tells which ES modules are loaded. */
export function installHooks(): Promise<MessagePort> {
  return (installed ??= install())
}

async function install(): Promise<MessagePort> {
  const [esm, cjs] = await Promise.all([import('tsx/esm/api'), import('tsx/cjs/api')])
  cjs.register()
  esm.register()
  const { port1, port2 } = new MessageChannel()
  port1.unref()
  const options = { data: { port: port2 }, transferList: [port2] }
  register('./hooks.js', import.meta.url, options) // after tsx, so that ours are asked first
  const node = Module as unknown as { _resolveFilename: ResolveFilename }
  const original = node._resolveFilename
  node._resolveFilename = function (this: unknown, request, ...rest) {
    const own = ownModule(request)
    return own === undefined ? original.call(this, request, ...rest) : fileURLToPath(own)
  }
  return port1
}
