/** A request as something to take away: a curl command, a test. */

import type { HttpInput } from './api'

export interface Request {
  method: string
  path: string
  headers: Record<string, string>
  body: string | null
}

const OF_CONNECTION = /^(host|content-length|connection|accept-encoding|user-agent|accept|origin|referer|sec-.*)$/
const HIDDEN = '…'

/** Whether the body of a recorded request is kept as it was. */
export const isWhole = ({ body }: HttpInput): boolean => body === null || !('bytes' in body || 'cut' in body)

/** The request of a recorded attempt; values of headers that were not kept are left out. */
export function recorded(input: HttpInput): Request {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(input.query ?? {}))
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, one)
  const headers = Object.entries(input.headers).filter(([name, value]) => !OF_CONNECTION.test(name) && value !== HIDDEN)
  const { body } = input
  const text =
    body === null || !isWhole(input)
      ? null
      : 'json' in body
        ? JSON.stringify(body.json)
        : 'text' in body
          ? body.text
          : null
  return {
    method: input.method,
    path: input.path + (search.size ? `?${search}` : ''),
    headers: Object.fromEntries(headers),
    body: text,
  }
}

const shell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

export function curl(request: Request, base: string): string {
  const parts = [`curl -X ${request.method} ${shell(base + request.path)}`]
  for (const [name, value] of Object.entries(request.headers)) parts.push(`-H ${shell(`${name}: ${value}`)}`)
  if (request.body !== null) parts.push(`--data-raw ${shell(request.body)}`)
  return parts.join(' \\\n  ')
}

export function pytest(request: Request, status: number, base: string): string {
  const given = [
    Object.keys(request.headers).length ? `headers=${JSON.stringify(request.headers)}` : '',
    request.body !== null ? `content=${JSON.stringify(request.body)}.encode()` : '',
  ].filter(Boolean)
  const call = [JSON.stringify(request.method), JSON.stringify(base + request.path), ...given].join(', ')
  return `import httpx\n\n\ndef test_it_answers_as_before() -> None:\n    answer = httpx.request(${call})\n    assert answer.status_code == ${status}\n`
}

export function vitest(request: Request, status: number, base: string): string {
  const init = JSON.stringify(
    { method: request.method, headers: request.headers, body: request.body ?? undefined },
    null,
    2,
  ).replaceAll('\n', '\n  ')
  return `import { expect, it } from 'vitest'\n\nit('answers as before', async () => {\n  const answer = await fetch(${JSON.stringify(base + request.path)}, ${init})\n  expect(answer.status).toBe(${status})\n})\n`
}
