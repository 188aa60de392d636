/** What a step file defines: one step as `config` and `handler`, or any number of exported definitions. */

export type Exports = Record<string, unknown>

/** One step: its config, and what runs. */
export interface StepDefinition<TConfig = object> {
  readonly config: TConfig
  // biome-ignore lint/suspicious/noExplicitAny: each handler has types of its own
  readonly handler?: (...args: any[]) => unknown
}

/** A definition, and where it is in its file. */
export interface FoundDefinition {
  config: unknown
  handler: unknown
  /** Names it within its file; empty: the step that is the file itself. */
  key: string
  /** From 1; 0: unknown. */
  line: number
  /** Its handler gets what its schemas make, and nothing else, whatever the settings say. */
  isStrict: boolean
}

// Symbols of the process: CommonJS files and ES modules of a project have an instance of this module each.
const MARK = Symbol.for('motia.StepDefinition')
const STRICT = Symbol.for('motia.isStrict') // on configs: those are found without their definition as well
const KINDS = Symbol.for('motia.kindsOfTriggers') // on handlers
const DEFAULT_EXPORT = /\bexport\s+default\b|\bmodule\.exports\b/

/** A step to be exported. */
export function define<TConfig extends object>(
  config: TConfig,
  handler?: StepDefinition['handler'],
): StepDefinition<TConfig> {
  const definition = handler === undefined ? { config } : { config, handler }
  return Object.defineProperty(definition, MARK, { value: true })
}

/** A step to be exported whose handler has the types of its schemas: it gets nothing else. */
export function defineStrict(config: object, handler: NonNullable<StepDefinition['handler']>): StepDefinition {
  return define(Object.defineProperty({ ...config }, STRICT, { value: true }), handler)
}

/** A handler that is there for some kinds of triggers only: those which are keys of an object. */
export function withKinds<THandler extends object>(handler: THandler, byKind: object): THandler {
  return Object.defineProperty(handler, KINDS, { value: new Set(Object.keys(byKind)) })
}

/** Whether a handler is there for triggers of a kind. */
export function isForKind(handler: unknown, kind: unknown): boolean {
  const kinds = typeof handler === 'function' && (handler as { [KINDS]?: ReadonlySet<unknown> })[KINDS]
  return !kinds || kinds.has(kind)
}

/** The steps of a file, in the order in which it defines them. */
export function definitionsOf(exports: Exports, source: string): FoundDefinition[] {
  const lines = source.split('\n')
  const seen = new Set<unknown>()
  const found: FoundDefinition[] = []
  for (const [key, value] of Object.entries(named(exports))) {
    if (!isDefinition(value) || seen.has(value)) continue
    seen.add(value)
    const { config, handler } = value
    found.push({ config, handler, key, line: lineOf(key, lines), isStrict: isStrict(config) })
  }
  found.sort((one, other) => one.line - other.line)
  const handler = pick(exports, 'handler')
  const config = pick(exports, 'config')
  const isStep = typeof handler === 'function' && config !== undefined
  if (found.length > 0 && (!isStep || found.some((other) => other.handler === handler))) return found
  const line = lineOf('config', lines) || lines.findIndex((text) => DEFAULT_EXPORT.test(text)) + 1
  return [{ config, handler, key: '', line, isStrict: isStrict(config) }, ...found]
}

function isDefinition(value: unknown): value is StepDefinition {
  return typeof value === 'object' && value !== null && MARK in value
}

function isStrict(config: unknown): boolean {
  return typeof config === 'object' && config !== null && STRICT in config
}

/** A named export, or a member of the default export (module.exports = {…}, export default {…}). */
function pick(exports: Exports, name: string): unknown {
  if (exports[name] !== undefined) return exports[name]
  const byDefault = membersOf(exports.default)
  if (byDefault === undefined) return undefined
  // The nested one is of a CommonJS file that was an ES module before.
  return byDefault[name] !== undefined ? byDefault[name] : membersOf(byDefault.default)?.[name]
}

/** All names that `pick` finds but `default`, which names nothing. */
function named(exports: Exports): Exports {
  const byDefault = membersOf(exports.default)
  const { default: _, ...names } = { ...membersOf(byDefault?.default), ...byDefault, ...exports }
  return names
}

function membersOf(value: unknown): Exports | undefined {
  return typeof value === 'object' && value !== null ? (value as Exports) : undefined
}

/** The line on which a file defines a name, also by taking it out of an object: `export const { config } = …`. */
function lineOf(name: string, lines: string[]): number {
  const word = name.replaceAll('$', '\\$')
  const definition = new RegExp(`\\b(?:const|let|var)\\s+(?:${word}\\b|\\{[^}]*\\b${word}\\b)|\\bexports\\.${word}\\b`)
  return lines.findIndex((line) => definition.test(line)) + 1
}
