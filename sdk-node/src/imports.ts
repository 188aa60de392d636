/** What has been imported: the user's files, and the packages that a process could import ahead of time. */

import { realpathSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { MessagePort } from 'node:worker_threads'
import { receiveMessageOnPort } from 'node:worker_threads'
import type { Imported } from './gen/motia/v1/manifest.js'
import type { SeenModule } from './modules/hooks.js'
import { claimingStrays } from './strays.js'

const require = createRequire(import.meta.url)
const OURS = fileURLToPath(new URL('..', import.meta.url)) // this package
const INSTALLED = '/node_modules/'
const compiled = new Set<string>() // files that nobody but us knows

export class Imports {
  private readonly files = new Set<string>()
  private readonly packages = new Set<string>()
  private required = 0 // modules of CommonJS that were looked at

  private ahead: readonly string[] = []

  /** These packages are imported ahead of time. */
  noteAhead(packages: readonly string[]): void {
    this.ahead = packages
    for (const name of packages) this.packages.add(name)
  }

  /** What is new since the last time; undefined: nothing. */
  take(port: MessagePort | undefined): Imported | undefined {
    const found: Imported = { files: [], packages: [...this.ahead] }
    this.ahead = []
    this.takeModules(port, found)
    this.takeRequired(found)
    return found.files.length + found.packages.length > 0 ? found : undefined
  }

  /** ES modules: the loader's thread has told of them. */
  private takeModules(port: MessagePort | undefined, found: Imported): void {
    if (port === undefined) return
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      const { url, isEntry } = next.message as SeenModule
      const file = fileURLToPath(url.split('?')[0] as string)
      if (!file.includes(INSTALLED)) this.note(file, found)
      else if (isEntry) this.notePackage(url, found)
    }
  }

  /** CommonJS: they are in the cache of `require`, unless they threw. */
  private takeRequired(found: Imported): void {
    const modules = Object.entries(require.cache)
    if (modules.length === this.required) return
    this.required = modules.length
    for (const [file, module] of modules) {
      if (!file.includes(INSTALLED)) this.note(file, found)
      else if (isUsers(module?.parent?.filename)) this.notePackage(file, found)
    }
  }

  private note(file: string, found: Imported): void {
    if (!isUsers(file) || this.files.has(file)) return
    this.files.add(file)
    found.files.push(real(file))
  }

  private notePackage(name: string, found: Imported): void {
    if (this.packages.has(name) || name.includes(OURS)) return
    this.packages.add(name)
    found.packages.push(name)
  }
}

/** Imports packages for what will need them; what cannot be imported is not, and will say so there. */
export async function importAhead(packages: readonly string[]): Promise<void> {
  await startCompiler()
  for (const name of packages) {
    try {
      await claimingStrays(
        async () => (name.startsWith('file:') ? await import(name) : require(name)),
        () => true,
      )
    } catch {
      // said when the project imports it
    }
  }
}

/** esbuild is started by the first file that is compiled, and takes its time: let that be one of ours. */
async function startCompiler(): Promise<void> {
  const text = `export const at: number = ${process.hrtime.bigint()} // compiled, and not known from before`
  try {
    const folder = realpathSync(await mkdtemp(join(tmpdir(), 'motia-')))
    try {
      for (const name of ['ahead.mts', 'ahead.cts']) {
        compiled.add(join(folder, name))
        await writeFile(join(folder, name), text)
      }
      await import(pathToFileURL(join(folder, 'ahead.mts')).href)
      require(join(folder, 'ahead.cts'))
    } finally {
      await rm(folder, { recursive: true })
    }
  } catch {
    // no room for temporary files: then the project's first file takes longer
  }
}

function isUsers(file: string | null | undefined): boolean {
  return typeof file === 'string' && !file.includes(INSTALLED) && !file.startsWith(OURS) && !compiled.has(file)
}

function real(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    return file // removed since
  }
}
