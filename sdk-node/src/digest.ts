/** Whether the files here are those of the core. */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Load } from './gen/motia/v1/manifest.js'

/** Identifies files by their paths and what is in them, as the core does (docs/protocol.md, REMOTE-6). */
export function digestOf(root: string, paths: readonly string[]): string {
  const summary = createHash('sha256')
  for (const path of paths) {
    const content = contentOf(join(root, path))
    summary.update(`${Buffer.byteLength(path)}:${content.length}:${path}`)
    summary.update(content)
  }
  return summary.digest('hex')
}

/** Why the files below `root` are not those of the load; undefined: they are. */
export function otherFiles(load: Load, root: string): string | undefined {
  const paths = load.files.map(({ path }) => path)
  if (load.configFile !== '') paths.push(load.configFile)
  const found = digestOf(root, paths)
  if (found === load.digest) return undefined
  const missing = paths.find((path) => !existsSync(join(root, path)))
  const there = missing === undefined ? '' : `; ${missing} is not there`
  return `the files in ${root} have the digest ${found}, those of the core ${load.digest}${there}: ${REMEDY}`
}

export const REMEDY = 'deploy the same version of the project to both'

function contentOf(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}
