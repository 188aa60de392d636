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

/** A test with the fixture of the test kit (docs/guides/testing.md). */
export function pytest(request: Request, status: number): string {
  const given = [
    Object.keys(request.headers).length ? `headers=${JSON.stringify(request.headers)}` : '',
    request.body !== null ? `body=${JSON.stringify(request.body)}` : '',
  ].filter(Boolean)
  const call = [JSON.stringify(request.method), JSON.stringify(request.path), ...given].join(', ')
  return `def test_it_answers_as_before(motia):\n    answer = motia.request(${call})\n    assert answer.status == ${status}\n`
}

/** The same for vitest, with `startMotia`. */
export function vitest(request: Request, status: number): string {
  const options = {
    ...(Object.keys(request.headers).length ? { headers: request.headers } : {}),
    ...(request.body !== null ? { body: request.body } : {}),
  }
  const given = Object.keys(options).length ? `, ${JSON.stringify(options, null, 2).replaceAll('\n', '\n  ')}` : ''
  const call = `${JSON.stringify(request.method)}, ${JSON.stringify(request.path)}${given}`
  return `import { startMotia } from 'motia/testing'
import { afterAll, beforeEach, expect, it } from 'vitest'

const motia = await startMotia()
beforeEach(() => motia.reset())
afterAll(() => motia.close())

it('answers as before', async () => {
  const answer = await motia.request(${call})
  expect(answer.status).toBe(${status})
})
`
}
