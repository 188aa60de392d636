/** JSON in and out. Integers beyond 2^53 become BigInt, and BigInt becomes an integer again. */

import { createRequire } from 'node:module'
import { MotiaError } from './errors.js'
import { BodyFormat, type HttpRequest } from './gen/motia/v1/invoke.js'
import { UploadedFile } from './upload.js'

const UNSAFE_INTEGER = /(?<![\d."\\eE+-])-?\d{16,}(?![\d.eE])/ // may be one: the careful parser decides
const require = createRequire(import.meta.url)

/** Parses JSON text. */
export function parseJson(text: string): unknown {
  if (text.length < 16 || !UNSAFE_INTEGER.test(text)) return JSON.parse(text)
  const { parse } = require('lossless-json') as typeof import('lossless-json')
  // Of a key that occurs twice the last counts, as in JSON.parse.
  return parse(text, undefined, { parseNumber, onDuplicateKey: ({ newValue }) => newValue })
}

function parseNumber(text: string): number | bigint {
  const number = Number(text)
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(number) ? BigInt(text) : number
}

type Replacer = (key: string, value: unknown) => unknown

/** For `toJson`: refuses objects of which nothing would be kept, such as a Map or a Response. */
export function refuseHollow(key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length > 0) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return value // {} of any realm
  const name = (value as { constructor?: { name?: string } }).constructor?.name ?? 'an object'
  throw new TypeError(`${key === '' ? 'it' : `'${key}'`} is of class ${name}, of which JSON keeps nothing`)
}

/**
 * JSON text of a value; undefined has none.
 *
 * @throws MotiaError (kind "schema") when the value is not JSON: circular, a function, …; says where it comes from.
 */
export function toJson(value: unknown, what: string, replacer?: Replacer): string | undefined {
  try {
    return JSON.stringify(value, replacer)
  } catch (error) {
    if (error instanceof TypeError && /BigInt/.test(error.message)) {
      const { stringify } = require('lossless-json') as typeof import('lossless-json')
      return stringify(value, replacer)
    }
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw new MotiaError(`${what} is not JSON: ${why}`, 'schema')
  }
}

export interface ApiInput {
  body: unknown
  headers: Record<string, string>
  pathParams: Record<string, string>
  queryParams: Record<string, unknown>
  rawBody: string | Buffer
  /** Of a multipart form that has any. */
  files?: UploadedFile[]
}

/** The request as api handlers see it: five keys, as in 0.x, and the files of a form. */
export function toRequest(http: HttpRequest): ApiInput {
  const request: ApiInput = {
    body: {},
    headers: toRecord(http.headers),
    pathParams:
      http.pathValues.length > 0
        ? (parseJson(http.pathValues.toString()) as Record<string, string>)
        : toRecord(http.pathParams),
    queryParams:
      http.queryParams.length > 0 ? (JSON.parse(http.queryParams.toString()) as Record<string, unknown>) : {},
    rawBody: '',
  }
  if (http.files.length > 0) request.files = http.files.map((file) => new UploadedFile(file))
  switch (http.bodyFormat) {
    case BodyFormat.BODY_FORMAT_JSON: {
      const text = http.body.toString()
      request.body = text === '' ? {} : parseJson(text)
      request.rawBody = http.rawBody.length > 0 ? http.rawBody.toString() : text
      break
    }
    case BodyFormat.BODY_FORMAT_TEXT:
      request.body = request.rawBody = http.body.toString()
      break
    case BodyFormat.BODY_FORMAT_MULTIPART:
      request.body = parseJson(http.body.toString())
      break
    case BodyFormat.BODY_FORMAT_BINARY:
      request.rawBody = Buffer.from(http.body)
      break
  }
  return request
}

function toRecord(flat: string[]): Record<string, string> {
  const record: Record<string, string> = {}
  for (let index = 0; index + 1 < flat.length; index += 2) record[flat[index] as string] = flat[index + 1] as string
  return record
}
