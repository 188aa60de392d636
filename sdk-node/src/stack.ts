/** Stack traces as users want to see them: their own frames, with paths of the project. */

import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const FRAME = /^\s+at /
const PLACE = /\(?((?:file:\/\/)?\/[^():]+?)(?:\?[^():]*)?:(\d+):(\d+)\)?$/

export interface Place {
  file: string
  line: number
  column: number
}

/** The stack without frames of Node, of packages and of this SDK; paths relative to the project. */
export function trimStack(stack: string, projectRoot: string): string {
  const lines = stack.split('\n')
  const kept = lines.filter((line) => !FRAME.test(line) || isUserFrame(line, projectRoot))
  return kept.map((line) => line.replaceAll(`file://${projectRoot}/`, '').replaceAll(`${projectRoot}/`, '')).join('\n')
}

/** Where in the project a stack points first; undefined when nowhere. */
export function firstPlace(stack: string, projectRoot: string): Place | undefined {
  for (const line of stack.split('\n')) {
    if (!FRAME.test(line) || !isUserFrame(line, projectRoot)) continue
    const found = PLACE.exec(line.trim())
    if (found !== null) return place(found[1] as string, found[2] as string, found[3] as string, projectRoot)
  }
  return undefined
}

export function place(file: string, line: string, column: string, projectRoot: string): Place {
  const path = file.startsWith('file://') ? fileURLToPath(file) : file
  return { file: relative(projectRoot, path.split('?')[0] as string), line: Number(line), column: Number(column) }
}

function isUserFrame(line: string, projectRoot: string): boolean {
  return line.includes(`${projectRoot}/`) && !line.includes('/node_modules/')
}
