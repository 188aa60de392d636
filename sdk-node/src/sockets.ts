/** WebSocket steps: what their handlers get and return, and `ctx.sockets`. */

import type { Attempt } from './attempt.js'
import { MotiaError } from './errors.js'
import { BodyFormat, BodyKind, type HttpRequest, type HttpResponse, SocketEventKind } from './gen/motia/v1/invoke.js'
import { parseJson, toJson, toRequest } from './payload.js'
import { toBytes, toResponse } from './response.js'

export interface SocketInput {
  type: 'connect' | 'message' | 'close'
  connectionId: string
  pathParams: Record<string, string>
  queryParams: Record<string, unknown>
  headers: Record<string, string>
  /** Of a message: text or bytes; with a messageSchema, what the text says as JSON. */
  data?: unknown
  /** Of a close. */
  code?: number
  reason?: string
}

const KINDS: Partial<Record<SocketEventKind, SocketInput['type']>> = {
  [SocketEventKind.SOCKET_EVENT_KIND_CONNECT]: 'connect',
  [SocketEventKind.SOCKET_EVENT_KIND_MESSAGE]: 'message',
  [SocketEventKind.SOCKET_EVENT_KIND_CLOSE]: 'close',
}
const NOTHING = Buffer.alloc(0)

/** The event as the handler gets it; undefined: the request is no event of a WebSocket connection. */
export function toSocketInput(http: HttpRequest): SocketInput | undefined {
  const { socket } = http
  if (socket === undefined) return undefined
  const { pathParams, queryParams, headers } = toRequest({ ...http, bodyFormat: 0 })
  const type = KINDS[socket.kind] ?? 'message'
  const event: SocketInput = { type, connectionId: socket.connectionId, pathParams, queryParams, headers }
  if (type === 'message') event.data = toData(http)
  if (type === 'close') {
    event.code = socket.code
    event.reason = socket.reason
  }
  return event
}

function toData(http: HttpRequest): unknown {
  if (http.bodyFormat === BodyFormat.BODY_FORMAT_BINARY) return Buffer.from(http.body)
  const text = http.body.toString()
  return http.bodyFormat === BodyFormat.BODY_FORMAT_JSON ? parseJson(text) : text
}

/** What a handler returned: to a connect a response, or nothing, which lets the client in; to a message what is sent back. */
export function toSocketResponse(type: SocketInput['type'], result: unknown): HttpResponse {
  const nothing = { status: 200, headers: [], bodyKind: BodyKind.BODY_KIND_UNSPECIFIED, body: NOTHING }
  if (result === undefined || result === null || type === 'close') return nothing
  if (type === 'message') {
    const [data, isText] = toMessage(result, 'what the handler returned')
    const bodyKind = isText ? BodyKind.BODY_KIND_TEXT : BodyKind.BODY_KIND_BINARY
    return { ...nothing, bodyKind, body: data }
  }
  const { status } = result as { status?: unknown }
  const { response, pieces } = toResponse(status === 101 ? { ...(result as object), status: 200 } : result)
  if (pieces !== undefined) throw new MotiaError('the answer to a connect cannot be streamed', 'bad_result')
  return response
}

/** A message as bytes, and whether it is text. */
function toMessage(value: unknown, what: string): [Buffer, boolean] {
  if (typeof value === 'string') return [Buffer.from(value), true]
  const bytes = toBytes(value)
  if (bytes !== undefined) return [bytes, false]
  const text = toJson(value, what)
  if (text === undefined) throw new MotiaError(`${what} is a ${typeof value}, which is not JSON`, 'bad_result')
  return [Buffer.from(text), true]
}

/** `ctx.sockets`: the WebSocket connections of this core. */
export class Sockets {
  #attempt: Attempt

  constructor(attempt: Attempt) {
    this.#attempt = attempt
  }

  /** Sends text, bytes or JSON to a connection; false: it has ended, or is another core's. */
  send = async (connectionId: string, data: unknown): Promise<boolean> =>
    (await this.#send({ connectionId: String(connectionId), path: '', excluded: [] }, data)) > 0

  /** Sends to all connections that were opened on a path, such as "/chat/7"; how many. */
  broadcast = async (path: string, data: unknown, { except = [] }: { except?: string[] } = {}): Promise<number> =>
    this.#send({ connectionId: '', path, excluded: except }, data)

  /** Ends a connection; false: there is none. */
  close = async (connectionId: string, code = 1000, reason = ''): Promise<boolean> => {
    const value = { connectionId: String(connectionId), code, reason }
    return Number((await this.#attempt.call({ $case: 'socketClose', value })).toString()) > 0
  }

  async #send(target: { connectionId: string; path: string; excluded: string[] }, given: unknown): Promise<number> {
    const [data, isText] = toMessage(given, 'a message')
    const reply = await this.#attempt.call({ $case: 'socketSend', value: { ...target, data, isText } }, data.length)
    return Number(reply.toString())
  }
}
