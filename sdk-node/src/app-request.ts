/**
 * One request on its way through the Express app: made to look as if the client had come here itself, and handed back
 * to the core, with what the app changed of it, when the app does not answer.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'

/** What the core says about a request, as JSON in this header; no client can send it. */
const FRONT = 'motia-front'
/** The core's secret of this request, in a response that is none: the request goes on to the steps. */
const PASS = 'Motia-Pass'
const CHANGES = 'Motia-Changes' // base64url of JSON: Changes
const BODY = 'Motia-Body' // what the body of such a response is: json or text

interface Front {
  secret: string
  scheme: string
  client?: [address: string, port: number]
}

/** The request as it arrived. */
export interface Arrival {
  secret: string
  method: string | undefined
  url: string | undefined
  headers: Record<string, unknown>
}

/** What the app changed; the core acts on it. */
interface Changes {
  method?: string
  url?: string
  headers?: Record<string, string | null> // null: taken out
}

export function isFromCore(req: IncomingMessage): boolean {
  return req.headers[FRONT] !== undefined
}

/** Prepares a request for the app. `isBodyAwaited`: the core sends the body once somebody reads it. */
export function arrive(req: IncomingMessage, res: ServerResponse, isBodyAwaited: boolean): Arrival {
  const { secret, scheme, client } = JSON.parse(String(req.headers[FRONT])) as Front
  for (const name of [FRONT, 'expect']) delete req.headers[name]
  req.rawHeaders = req.rawHeaders.filter(
    (_, i, all) => ![FRONT, 'expect'].includes(String(all[i - (i % 2)]).toLowerCase()),
  )
  const [remoteAddress, remotePort] = client ?? []
  const seen = { remoteAddress, remotePort, remoteFamily: remoteAddress?.includes(':') ? 'IPv6' : 'IPv4' }
  for (const [name, value] of Object.entries(seen)) {
    Object.defineProperty(req.socket, name, { value, configurable: true })
  }
  Object.assign(req.socket, { encrypted: scheme === 'https' })
  if (isBodyAwaited) readWhenAsked(req, res)
  return { secret, method: req.method, url: req.url, headers: { ...req.headers } }
}

/** Asks the core for the body when the app begins to read it, not before. */
function readWhenAsked(req: IncomingMessage, res: ServerResponse): void {
  const read = req._read
  let isAsked = false
  req._read = function (size: number): void {
    if (!isAsked && !res.headersSent) {
      isAsked = true
      res.writeContinue()
    }
    read.call(this, size)
  }
}

/** Hands a request back to the core, with the headers that the app has set for its response. */
export function pass(req: IncomingMessage, res: ServerResponse, arrival: Arrival): void {
  if (res.headersSent) return // it was answered, and then passed on as well
  const changes = changesOf(req, arrival)
  const [kind, body] = bodyOf(req)
  if (res.getHeader('X-Powered-By') === 'Express') res.removeHeader('X-Powered-By')
  for (const name of ['Content-Encoding', 'Transfer-Encoding', 'ETag']) res.removeHeader(name) // of no body that follows
  res.setHeader(PASS, arrival.secret)
  if (changes !== undefined) res.setHeader(CHANGES, Buffer.from(JSON.stringify(changes)).toString('base64url'))
  if (kind !== '') res.setHeader(BODY, kind)
  res.setHeader('Content-Type', 'application/octet-stream') // which nobody compresses
  res.setHeader('Content-Length', Buffer.byteLength(body))
  res.statusCode = 200
  res.end(body)
}

function changesOf(req: IncomingMessage, arrival: Arrival): Changes | undefined {
  const changes: Changes = {}
  if (req.method !== arrival.method) changes.method = String(req.method)
  if (req.url !== arrival.url) changes.url = String(req.url)
  const headers: Record<string, string | null> = {}
  for (const [name, value] of Object.entries(req.headers)) {
    if (value !== undefined && value !== arrival.headers[name]) headers[name.toLowerCase()] = String(value)
  }
  for (const name of Object.keys(arrival.headers)) if (req.headers[name] === undefined) headers[name] = null
  if (Object.keys(headers).length > 0) changes.headers = headers
  return Object.keys(changes).length > 0 ? changes : undefined
}

/** What a parser made of the body, unless that is bytes (the core has them) or cannot be said in JSON. */
function bodyOf(req: IncomingMessage): [kind: '' | 'json' | 'text', body: string] {
  const { body, _body: isParsed } = req as IncomingMessage & { body?: unknown; _body?: boolean }
  if (typeof body === 'string') return ['text', body]
  if (typeof body !== 'object' || body === null || ArrayBuffer.isView(body)) return ['', '']
  if (isParsed !== true && Object.keys(body).length === 0) return ['', ''] // parsers leave this for what is not theirs
  try {
    return ['json', JSON.stringify(body)]
  } catch {
    return ['', ''] // circles, BigInt
  }
}
