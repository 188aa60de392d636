/** Turns what an import threw into one line that says what is wrong, where, and which module is missing. */

import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ExitError } from './exit-guard.js'
import { firstPlace, type Place, place, trimStack } from './stack.js'

export interface LoadFailure {
  path: string
  phase: 'resolve' | 'compile' | 'import' | 'config'
  message: string
  stack: string
  file: string
  line: number
  column: number
  missingModule: string
}

const TRANSFORM = /^(.+?):(\d+):(\d+): ERROR: (.+)$/m // esbuild's
const SOURCE_LINE = /^(?:file:\/\/)?(\/[^\n]+?):(\d+)\n/ // what V8 puts before the message of a syntax error
const MISSING = /Cannot find (?:package|module) '([^']+)'(?: imported from (\S.*))?/
const UNKNOWN_EXPORT = /does not provide an export named/

export function configFailure(path: string, message: string): LoadFailure {
  return { path, phase: 'config', message, stack: '', file: path, line: 0, column: 0, missingModule: '' }
}

export function importFailure(path: string, thrown: unknown, projectRoot: string): LoadFailure {
  const error = thrown instanceof Error ? thrown : new Error(`threw ${show(thrown)}`)
  const stack = String(error.stack ?? '')
  const at = firstPlace(stack, projectRoot)
  const failure = (
    phase: LoadFailure['phase'],
    message: string,
    where: Place | undefined = at,
    missingModule = '',
  ) => ({
    path,
    phase,
    message: message.split('\n')[0] as string,
    stack: trimStack(stack, projectRoot),
    file: where?.file ?? path,
    line: where?.line ?? 0,
    column: where?.column ?? 0,
    missingModule,
  })
  if (error instanceof ExitError) return failure('import', `called process.exit(${error.exitCode}) while loading`)
  const transform = TRANSFORM.exec(error.message)
  if (transform !== null) {
    const [, file, line, column, message] = transform as unknown as [string, string, string, string, string]
    return failure('compile', `syntax error: ${message}`, place(file, line, String(Number(column) + 1), projectRoot))
  }
  const missing = MISSING.exec(error.message)
  if (missing !== null) {
    const name = asWritten(missing[1] as string, missing[2], projectRoot)
    return failure('resolve', `Cannot find module '${name}'`, importer(error, missing[2], projectRoot) ?? at, name)
  }
  if (error instanceof SyntaxError) {
    const source = SOURCE_LINE.exec(stack)
    const where = source === null ? at : place(source[1] as string, source[2] as string, '0', projectRoot)
    const phase = UNKNOWN_EXPORT.test(error.message) ? 'resolve' : 'compile'
    return failure(phase, `${phase === 'compile' ? 'syntax error: ' : ''}${error.message}`, where)
  }
  return failure('import', `threw while loading: ${error.message || error.name}`)
}

/** A file path is shown as it would be imported; package names stay. */
function asWritten(name: string, importedFrom: string | undefined, projectRoot: string): string {
  const path = name.startsWith('file://') ? fileURLToPath(name) : name
  if (!path.startsWith('/')) return path
  const from = importedFrom?.replace(/^file:\/\//, '').split('?')[0]
  const base = from === undefined ? projectRoot : from.slice(0, from.lastIndexOf('/'))
  const written = relative(base, path)
  return written.startsWith('.') ? written : `./${written}`
}

function importer(error: Error, importedFrom: string | undefined, projectRoot: string): Place | undefined {
  const [required] = (error as { requireStack?: string[] }).requireStack ?? []
  const file = importedFrom ?? required
  return file === undefined ? undefined : place(file.trim(), '0', '0', projectRoot)
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
