/**
 * What a step's own schemas make of its input: zod's defaults, transforms and refinements, which JSON Schema cannot say.
 * The core has compared the input with the JSON Schema before.
 */

import { MotiaError } from './errors.js'
import type { ApiInput } from './payload.js'

interface Issue {
  message: string
  path?: readonly unknown[]
  code?: unknown
}
type Result = { value: unknown } | { issues: readonly Issue[] }
type Parse = (value: unknown) => Result | Promise<Result>
type Place = 'body' | 'queryParams' | 'pathParams' | 'data'

/** Parsers by what they parse. */
export type Parsers = Partial<Record<Place, Parse>>

export interface Violation {
  in: string
  path: string
  message: string
  keyword: string
}

const PLACES: Record<string, Place> = {
  bodySchema: 'body',
  querySchema: 'queryParams',
  pathSchema: 'pathParams',
  input: 'data',
}
const SHOWN: Record<Place, string> = { body: 'body', queryParams: 'query', pathParams: 'path', data: 'data' }

/** The input is not what the step's schemas take. */
export class InputError extends MotiaError {
  readonly of = 'input'

  constructor(readonly errors: Violation[]) {
    const first = errors[0]
    super(`The ${first?.in} is not what this step takes: ${first?.path}: ${first?.message}`, 'schema')
  }
}

/** The parsers of a config; undefined when its schemas are plain JSON Schema, or there are none. */
export function parsersOf(config: Record<string, unknown>): Parsers | undefined {
  const parsers: Parsers = {}
  for (const [key, place] of Object.entries(PLACES)) {
    const parse = parseOf(config[key])
    if (parse !== undefined) parsers[place] = parse
  }
  return Object.keys(parsers).length === 0 ? undefined : parsers
}

/** An event's data as its schema makes it. */
export async function parseData(parsers: Parsers, data: unknown): Promise<unknown> {
  const errors: Violation[] = []
  const parsed = parsers.data === undefined ? data : await parsePlace(parsers.data, data, 'data', errors)
  if (errors.length > 0) throw new InputError(errors)
  return parsed
}

/** Makes a request what its schemas say. */
export async function parseRequest(parsers: Parsers, request: ApiInput): Promise<void> {
  const errors: Violation[] = []
  for (const place of ['queryParams', 'pathParams', 'body'] as const) {
    const parse = parsers[place]
    if (parse === undefined || (place === 'body' && Buffer.isBuffer(request.rawBody))) continue // bytes have no schema
    ;(request as unknown as Record<string, unknown>)[place] = await parsePlace(parse, request[place], place, errors)
  }
  if (errors.length > 0) throw new InputError(errors)
}

async function parsePlace(parse: Parse, value: unknown, place: Place, errors: Violation[]): Promise<unknown> {
  const result = await parse(value)
  if (!('issues' in result) || result.issues === undefined) return (result as { value: unknown }).value
  for (const issue of result.issues) {
    const parts = (issue.path ?? []).map((part) => keyOf(part).replaceAll('~', '~0').replaceAll('/', '~1'))
    const keyword = typeof issue.code === 'string' ? issue.code : 'custom'
    errors.push({ in: SHOWN[place], path: parts.map((part) => `/${part}`).join(''), message: issue.message, keyword })
  }
  return value
}

function keyOf(part: unknown): string {
  return String(typeof part === 'object' && part !== null && 'key' in part ? part.key : part)
}

function parseOf(schema: unknown): Parse | undefined {
  if ((typeof schema !== 'object' && typeof schema !== 'function') || schema === null) return undefined
  const standard = (schema as { '~standard'?: { validate?: unknown } })['~standard']
  if (typeof standard?.validate === 'function') return standard.validate.bind(standard) as Parse
  const { safeParseAsync } = schema as { safeParseAsync?: unknown } // zod 3 before it was a standard schema
  if (typeof safeParseAsync !== 'function') return undefined
  return async (value) => {
    const result = await (schema as { safeParseAsync(value: unknown): Promise<ZodResult> }).safeParseAsync(value)
    return result.success ? { value: result.data } : { issues: result.error.issues }
  }
}

type ZodResult = { success: true; data: unknown } | { success: false; error: { issues: Issue[] } }
