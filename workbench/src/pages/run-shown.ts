/** What an attempt got and gave, as text. */

import type { Attempt, HttpInput, Json, Payload } from '../api'
import { payloadText } from '../parts/bits'

/** What can be given to it once more. */
export function inputOf(attempt: Attempt): unknown {
  const { input } = attempt
  if (input === null || typeof input !== 'object') return input
  if (attempt.trigger !== 'http') return 'json' in input ? input.json : null
  const { body } = input as HttpInput
  return body && 'json' in body ? body.json : body && 'text' in body ? body.text : null
}

/** Whether all of its input was kept. */
export function isKept(attempt: Attempt): boolean {
  const { input } = attempt
  const payload = (attempt.trigger === 'http' ? (input as HttpInput | null)?.body : input) as Payload | Json
  if (payload === null || payload === undefined || typeof payload !== 'object') return true
  return !('bytes' in payload) && !('cut' in payload)
}

export function showIn(attempt: Attempt): string {
  if (attempt.trigger !== 'http') return payloadText(attempt.input)
  const { method, path, query, headers, body } = attempt.input as HttpInput
  const lines = [`${method} ${path}${Object.keys(query ?? {}).length ? `?${new URLSearchParams(query as never)}` : ''}`]
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  return body ? `${lines.join('\n')}\n\n${payloadText(body)}` : lines.join('\n')
}

export function showOut(attempt: Attempt): string {
  if (attempt.trigger !== 'http') return payloadText(attempt.output)
  const { status, headers, body, streamed } = attempt.output as {
    status: number
    headers: Record<string, string>
    body: never
    streamed?: boolean
  }
  const lines = [String(status), ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)]
  return `${lines.join('\n')}${streamed ? '\n\n(streamed)' : body ? `\n\n${payloadText(body)}` : ''}`
}
