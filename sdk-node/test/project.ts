/** Makes small projects on disk and loads them in a process of their own. */

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { LoadedStep, LoadedStream, LoadFailure } from '../src/loader.js'

const RUNNER = fileURLToPath(new URL('./load.mjs', import.meta.url))
const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url))

export interface Loaded {
  /** The first of `steps`. */
  step?: LoadedStep
  steps?: LoadedStep[]
  stream?: LoadedStream
  failure?: LoadFailure
  returned?: unknown
  middleware?: number
}

/** Writes the files; `zod` names which of our own zod installations the project has. */
export async function project(files: Record<string, string>, zod?: 'zod' | 'zod4'): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'motia-node-')))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  if (zod !== undefined) {
    await mkdir(join(root, 'node_modules'), { recursive: true })
    await symlink(join(MODULES, zod), join(root, 'node_modules/zod'))
  }
  return root
}

export async function load(root: string, ...files: string[]): Promise<Loaded[]> {
  const { stdout } = await promisify(execFile)('node', [RUNNER, root, ...files])
  return JSON.parse(stdout.slice(stdout.lastIndexOf('@@') + 2)) as Loaded[]
}

/** Loads one step of a project and returns what its handler returned; fails with the load failure. */
export async function run(files: Record<string, string>, file = 'steps/a.step.ts'): Promise<unknown> {
  const [result] = await load(await project(files), file)
  if (result?.failure !== undefined) throw new Error(`${result.failure.phase}: ${result.failure.message}`)
  return result?.returned
}
