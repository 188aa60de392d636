"""The part of a generated client that is the same for every project: TypeScript that needs nothing but fetch."""

from __future__ import annotations

# names that a project's types must not take
NAMES = frozenset(
    {"ApiError", "AnyResponse", "Answer", "Client", "ClientOptions", "Problem", "RequestOptions", "Route", "Violation"}
)

RUNTIME = """\
/** What the core answers when a step cannot, or must not, answer itself. */
export interface Problem {
  /** What is wrong, for people. */
  error: string
  /** What is wrong, for programs, such as REQUEST_SCHEMA. */
  code?: string
  details?: { errors?: Violation[]; [key: string]: unknown }
}

/** One violation of a schema. */
export interface Violation {
  /** body, query, path or headers */
  in: string
  /** JSON pointer to the value that is wrong. */
  path: string
  message: string
  /** Of the schema, such as required. */
  keyword: string
}

/** One possible answer to a request. */
export interface Answer<Status extends number, Ok extends boolean, Body> {
  status: Status
  /** Whether the status is from 200 to 299. */
  ok: Ok
  body: Body
  headers: Headers
}

export type AnyResponse = Answer<number, boolean, unknown>

/** Options of every request. */
export interface RequestOptions {
  /** Cancels the request. */
  signal?: AbortSignal
}

export interface ClientOptions {
  /** Where the project is served, such as https://api.example.com. */
  baseUrl: string
  /** Sent with every request. */
  headers?: Record<string, string>
  /** Instead of the global fetch. */
  fetch?: typeof fetch
}

/** An answer that was not expected. */
export class ApiError<R extends AnyResponse = AnyResponse> extends Error {
  readonly response: R

  constructor(response: R) {
    const body = response.body as { error?: unknown } | null | undefined
    super(`status ${response.status}${typeof body?.error === 'string' ? `: ${body.error}` : ''}`)
    this.name = 'ApiError'
    this.response = response
  }
}

/**
 * The body of a successful answer.
 * @throws ApiError The answer is another one.
 */
export function success<R extends AnyResponse>(response: R): Extract<R, { ok: true }>['body'] {
  if (!response.ok) throw new ApiError(response)
  return response.body as Extract<R, { ok: true }>['body']
}

interface Route {
  method: string
  /** Path templates; the first whose parameters are all given is used. */
  paths: readonly string[]
}

interface Parts extends RequestOptions {
  path?: object
  query?: object
  headers?: object
  body?: unknown
}

const PARAMETER = /\\{([^}]+)\\}/g

function pathOf(route: Route, given: Record<string, unknown>): string {
  for (const template of route.paths) {
    const names = [...template.matchAll(PARAMETER)].map((match) => match[1] ?? '')
    if (names.some((name) => given[name] === undefined || given[name] === '')) continue
    return template.replace(PARAMETER, (_, name: string) => {
      const text = String(given[name])
      // what stands for a wildcard, whose name is a number, may have slashes
      return /^\\d+$/.test(name) ? text.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(text)
    })
  }
  throw new TypeError(`a path parameter of ${route.method} ${route.paths.at(-1)} is missing`)
}

function addQuery(params: URLSearchParams, name: string, value: unknown): void {
  if (value === undefined || value === null) return
  if (Array.isArray(value)) for (const item of value) addQuery(params, name, item)
  else if (typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) addQuery(params, `${name}[${key}]`, item)
  } else params.append(name, String(value))
}

async function read(response: Response): Promise<unknown> {
  const type = response.headers.get('content-type') ?? ''
  if (/^application\\/([\\w.-]+\\+)?json\\b/.test(type)) {
    const text = await response.text()
    return text === '' ? undefined : JSON.parse(text)
  }
  if (type.startsWith('text/')) return response.text()
  const bytes = new Uint8Array(await response.arrayBuffer())
  return bytes.length === 0 ? undefined : bytes
}

async function send(options: ClientOptions, route: Route, parts: Parts): Promise<AnyResponse> {
  const url = options.baseUrl.replace(/\\/+$/, '') + pathOf(route, { ...parts.path })
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(parts.query ?? {})) addQuery(params, name, value)
  const headers = new Headers(options.headers)
  for (const [name, value] of Object.entries(parts.headers ?? {})) {
    if (value !== undefined && value !== null) headers.set(name, String(value))
  }
  const init: RequestInit = { method: route.method, headers }
  if (parts.signal) init.signal = parts.signal
  if (parts.body !== undefined) {
    const isBytes = parts.body instanceof Uint8Array
    const isText = typeof parts.body === 'string'
    init.body = isBytes || isText ? (parts.body as BodyInit) : JSON.stringify(parts.body)
    const type = isBytes ? 'application/octet-stream' : isText ? 'text/plain; charset=utf-8' : 'application/json'
    if (!headers.has('content-type')) headers.set('content-type', type)
  }
  const query = params.toString()
  const response = await (options.fetch ?? fetch)(query ? `${url}?${query}` : url, init)
  return { status: response.status, ok: response.ok, body: await read(response), headers: response.headers }
}
"""
