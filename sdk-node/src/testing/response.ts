/** What a route answered, read as a whole. */

export class TestResponse {
  readonly ok: boolean
  /** Of the run that the request has started; empty where no step has run. */
  readonly traceId: string

  constructor(
    readonly status: number,
    /** Names in lower case. */
    readonly headers: Record<string, string>,
    readonly content: Uint8Array,
  ) {
    this.ok = status < 400
    this.traceId = headers['x-trace-id'] ?? ''
  }

  get text(): string {
    return new TextDecoder().decode(this.content)
  }

  /** The body as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the route says
  json<T = any>(): T {
    return JSON.parse(this.text) as T
  }
}

export interface RequestOptions {
  /** The body, as JSON. */
  json?: unknown
  /** The body as it is; a FormData is sent as a multipart form. */
  body?: RequestInit['body']
  headers?: Record<string, string>
  query?: Record<string, string | number | boolean | (string | number | boolean)[]>
}

export async function request(url: string, method: string, path: string, options: RequestOptions = {}) {
  const target = new URL(path, url)
  for (const [name, value] of Object.entries(options.query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) target.searchParams.append(name, String(one))
  }
  const headers = new Headers(options.headers)
  let body = options.body ?? null
  if (options.json !== undefined) {
    body = JSON.stringify(options.json)
    if (!headers.has('content-type')) headers.set('content-type', 'application/json')
  }
  const answer = await fetch(target, { method, headers, body, redirect: 'manual' })
  return new TestResponse(answer.status, Object.fromEntries(answer.headers), new Uint8Array(await answer.arrayBuffer()))
}
