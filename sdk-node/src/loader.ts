/** Imports the project's files, each for itself, and describes what they define. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { followRunning } from './current.js'
import { definitionsOf, type Exports, type FoundDefinition } from './definition.js'
import { configFailure, importFailure, type LoadFailure } from './load-failure.js'
import { installHooks } from './modules/install.js'
import { type Parsers, parsersOf } from './parsing.js'
import { toJsonSchema } from './schema.js'
import { firstPlace } from './stack.js'
import { claimingStrays } from './strays.js'
import { type StreamHooks, takeHooks } from './stream-hooks.js'
import { asPlain, perTrigger, type TriggerDefinition, triggerOf } from './triggered.js'

export type { LoadFailure } from './load-failure.js'
export { trimStack } from './stack.js'

export interface LoadedStep {
  /** Of its file. */
  path: string
  /** Within its file; empty: the step that is the file itself. */
  key: string
  /** Which of config.triggers it is for, from 1; 0: the config has none. */
  trigger: number
  /** Whether requests start it. */
  isApi: boolean
  config: Record<string, unknown>
  handler?: Function
  middleware: Function[]
  /** How many functions of its own it has around the handler. */
  middlewareCount: number
  /** Of its input, when that is to be parsed by schemas of its own. */
  parsers?: Parsers
  /** They parse it whatever the settings say. */
  isStrict: boolean
  line: number
  warnings: string[]
}

export interface LoadedStream {
  path: string
  config: Record<string, unknown>
  hooks: StreamHooks
  warnings: string[]
}

export type LoadResult = { steps: LoadedStep[] } | { stream: LoadedStream } | { failure: LoadFailure }

type Described = TriggerDefinition & { config: Exports }

export type { Exports } from './definition.js'

/** What the core calls a step. */
export function referenceOf({ path, key }: LoadedStep): string {
  return key === '' ? path : `${path}#${key}`
}

const SCHEMA_KEYS = ['input', 'bodySchema', 'querySchema', 'pathSchema', 'headersSchema', 'messageSchema']
const JAVASCRIPT = /\.[cm]?js$/
const DOCUMENTED = /\*\s*@(param|type)\b/
const OF_MOTIA = String.raw`(?:from|=\s*(?:require|await\s+import)\s*\()\s*['"]motia['"]`
const IMPORTED = new RegExp(String.raw`\{([^{}]*)\}\s*${OF_MOTIA}`, 'g')
const NAMESPACE = new RegExp(String.raw`([\w$]+)\s*${OF_MOTIA}`, 'g') // import * as motia, const motia = require
const RUNNING = /\b(enqueue|logger|stateManager|StateManager|Stream)\b/
const NEEDS_MODULE = /Top-level await is currently not supported with the "cjs"/
export class Loader {
  private readonly loaded = new Set<string>()

  constructor(
    readonly projectRoot: string,
    private readonly takesSeveral = true,
  ) {}

  /** Does what runs a file's own code: imports it, or calls what it exports. Whatever goes wrong is the file's failure. */
  async guard<T>(path: string, work: () => Promise<T>): Promise<{ value: T } | { failure: LoadFailure }> {
    try {
      return { value: await claimingStrays(work, (error) => !this.loaded.has(this.origin(error) ?? path)) }
    } catch (error) {
      return { failure: importFailure(path, error, this.projectRoot) }
    }
  }

  /** What a file exports. */
  async import(path: string): Promise<{ value: Exports } | { failure: LoadFailure }> {
    await installHooks()
    const imported = await this.guard(path, () => importFile(join(this.projectRoot, path)))
    this.loaded.add(path)
    return imported
  }

  /** Imports one step or stream file. Whatever goes wrong in it is its own failure. */
  async load(path: string, kind: 'step' | 'stream'): Promise<LoadResult> {
    const file = join(this.projectRoot, path)
    const imported = await this.import(path)
    if ('failure' in imported) return imported
    try {
      const source = await readFile(file, 'utf8')
      const definitions = definitionsOf(imported.value, source)
      if (kind === 'stream') return await loadStream(path, file, definitions)
      if (!this.takesSeveral && definitions.some(({ key }) => key !== '')) {
        return {
          failure: configFailure(path, 'this core takes files with config and handler only: upgrade motia-core'),
        }
      }
      const steps: LoadedStep[] = []
      if (usesRunning(source)) followRunning()
      for (const definition of definitions.flatMap(perTrigger)) {
        const wrong = problemOf(definition.config)
        if (wrong !== undefined) return { failure: { ...configFailure(path, wrong), line: definition.line } }
        steps.push(await describeStep(path, source, file, definition as Described))
      }
      return { steps }
    } catch (error) {
      const message = `config cannot be read: ${error instanceof Error ? error.message : String(error)}`
      return { failure: configFailure(path, message) }
    }
  }

  /** The project's file that an error comes from, as far as its stack says. */
  private origin(error: unknown): string | undefined {
    return error instanceof Error ? firstPlace(String(error.stack), this.projectRoot)?.file : undefined
  }
}

async function importFile(file: string): Promise<Exports> {
  const { href } = pathToFileURL(file)
  try {
    return (await import(href)) as Exports
  } catch (error) {
    if (!(error instanceof Error && NEEDS_MODULE.test(error.message))) throw error
    return (await import(`${href}?motia-module`)) as Exports
  }
}

/** What is wrong with what should be a config. */
function problemOf(config: unknown): string | undefined {
  if (config === undefined) return 'there is no config: export const config = { type, name, … }'
  if (typeof config === 'object' && config !== null && !Array.isArray(config)) return undefined
  return `config must be an object, it is ${Array.isArray(config) ? 'an array' : config === null ? 'null' : `a ${typeof config}`}`
}

async function loadStream(path: string, file: string, [first]: FoundDefinition[]): Promise<LoadResult> {
  const wrong = problemOf(first?.config)
  if (wrong !== undefined) return { failure: configFailure(path, wrong) }
  return { stream: await describeStream(path, file, first?.config as Exports) }
}

async function describeStep(path: string, source: string, file: string, definition: Described): Promise<LoadedStep> {
  const { config: raw, handler, key, line, isStrict, trigger: index } = definition
  const trigger = triggerOf(definition)
  if (trigger !== undefined) followRunning()
  const { middleware: list, ...rest } = trigger === undefined ? raw : { ...raw, middleware: trigger.middleware }
  const warnings: string[] = []
  const config: Exports = { ...(await documentedSchemas(file, source, raw)), ...rest }
  await convertSchemas(config, '', file, warnings)
  if (trigger !== undefined) {
    const { middleware: _, condition: __, ...plain } = trigger
    await convertSchemas(plain, `triggers[${index - 1}].`, file, warnings)
    config.triggers = (raw.triggers as unknown[]).map((one) => (one === trigger ? plain : one))
  }
  if (Array.isArray(config.emits)) {
    config.emits = await Promise.all(
      config.emits.map((entry, at) => convertEmit(entry, `emits[${at}]`, file, warnings)),
    )
  }
  const middleware = (Array.isArray(list) ? list : list === undefined || list === null ? [] : [list]) as unknown[]
  const functions = middleware.filter((entry): entry is Function => typeof entry === 'function')
  if (functions.length < middleware.length)
    warnings.push('middleware has entries that are not functions; they are left out')
  const isApi = (trigger === undefined ? raw.type === 'api' : trigger.type === 'http') as boolean
  const common = { path, key, trigger: index, isApi, config: plain(config), isStrict, line, warnings }
  const step: LoadedStep = { ...common, middleware: functions, middlewareCount: functions.length }
  if (typeof handler === 'function') step.handler = handler
  if (trigger !== undefined && typeof handler === 'function') {
    step.handler = asPlain(trigger, index - 1, handler as (...args: unknown[]) => unknown, functions)
    step.middleware = []
  }
  const parsers = parsersOf(rest)
  if (parsers !== undefined) step.parsers = parsers
  return step
}

async function describeStream(path: string, file: string, raw: Exports): Promise<LoadedStream> {
  const [hooks, config] = takeHooks(raw)
  const warnings: string[] = []
  if (config.schema !== undefined) config.schema = await convert(config.schema, 'schema', file, warnings)
  const { messages } = config
  if (typeof messages === 'object' && messages !== null && 'schema' in messages) {
    config.messages = { ...messages, schema: await convert(messages.schema, 'messages.schema', file, warnings) }
  }
  return { path, config: plain(config), hooks, warnings }
}

async function convertSchemas(config: Exports, place: string, file: string, warnings: string[]): Promise<void> {
  for (const key of SCHEMA_KEYS) {
    const schema = config[key]
    if (schema !== undefined && schema !== null) config[key] = await convert(schema, `${place}${key}`, file, warnings)
  }
  if (typeof config.responseSchema !== 'object' || config.responseSchema === null) return
  const responses: Exports = {}
  for (const [status, schema] of Object.entries(config.responseSchema)) {
    responses[status] = await convert(schema, `${place}responseSchema.${status}`, file, warnings)
  }
  config.responseSchema = responses
}

/** Whether a file imports what looks for the attempt that is running. */
function usesRunning(source: string): boolean {
  if ([...source.matchAll(IMPORTED)].some(([, names]) => RUNNING.test(names ?? ''))) return true
  return [...source.matchAll(NAMESPACE)].some(([, name]) => {
    const word = String.raw`(?<![\w$])${(name ?? '').replaceAll('$', '\\$')}(?![\w$])`
    const used = String.raw`${word}\s*\??\.\s*${RUNNING.source}|\{[^{}]*${RUNNING.source}[^{}]*\}\s*=\s*${word}`
    return new RegExp(used).test(source)
  })
}

/** An entry of emits; what it says of the data as JSON Schema. */
async function convertEmit(entry: unknown, where: string, file: string, warnings: string[]): Promise<unknown> {
  if (typeof entry !== 'object' || entry === null || !('schema' in entry)) return entry
  return { ...entry, schema: await convert(entry.schema, `${where}.schema`, file, warnings) }
}

async function convert(schema: unknown, where: string, file: string, warnings: string[]): Promise<unknown> {
  const result = await toJsonSchema(schema, file)
  if (result.warning !== undefined) warnings.push(`${where}: ${result.warning}`)
  return result.schema ?? null
}

/** Only what JSON can say: functions are left out. */
function plain(config: Exports): Exports {
  return JSON.parse(
    JSON.stringify(config, (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
  ) as Exports
}

/** What the JSDoc of a JavaScript file says that its config does not. */
async function documentedSchemas(file: string, source: string, { type }: Exports): Promise<Exports> {
  if (!JAVASCRIPT.test(file) || !DOCUMENTED.test(source)) return {}
  const { schemasOfJsdoc } = await import('./jsdoc.js')
  return schemasOfJsdoc(source, type)
}
