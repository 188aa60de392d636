/** Bodies that a handler gives piece by piece: generators, async iterables, streams of Node and of the web. */

import type { Attempt } from './attempt.js'
import { MotiaError } from './errors.js'
import { BodyKind, type HttpResponse, type ResponseChunk, type ResponseStart } from './gen/motia/v1/invoke.js'
import { toJson } from './payload.js'

const CHUNK_BYTES = 128 * 1024 // longest piece of one frame
const NDJSON = 'application/x-ndjson'

const CLOSE_MS = 5000 // for a generator to clean up after its client has left

/** Where the frames of streamed responses go. */
export interface StreamSink {
  windowBytes: number // of one response that may be on the way
  start(frame: ResponseStart, attempt: Attempt): void
  chunk(frame: ResponseChunk): void
}

export type Pieces = Iterator<unknown> | AsyncIterator<unknown>

/** The pieces of a body that is to be streamed; undefined: it is a value. */
export function piecesOf(body: unknown): Pieces | undefined {
  if (typeof body !== 'object' || body === null || ArrayBuffer.isView(body)) return undefined
  if (Symbol.asyncIterator in body) return (body as AsyncIterable<unknown>)[Symbol.asyncIterator]()
  if (Symbol.iterator in body && typeof (body as { next?: unknown }).next === 'function')
    return (body as Iterable<unknown>)[Symbol.iterator]()
  return undefined
}

/**
 * Sends one response piece by piece, as fast as its client takes them. A piece is bytes, a string, or anything else as
 * one line of JSON. Status and headers go out with the first piece, or at once when they name the content type.
 */
export class ResponseStream {
  private hasStarted = false
  private sentBytes = 0
  private acknowledgedBytes = 0
  private wake: () => void = () => {}
  private readonly left: Promise<undefined>
  private leave: (nothing: undefined) => void = () => {}
  private isLeft = false

  constructor(
    private readonly attempt: Attempt,
    private readonly head: HttpResponse,
    private readonly sink: StreamSink,
  ) {
    this.left = new Promise((resolve) => {
      this.leave = resolve
    })
    const { signal } = attempt.controller
    if (signal.aborted) this.clientLeft()
    else signal.addEventListener('abort', () => this.clientLeft(), { once: true })
    if (this.hasContentType) this.start('')
  }

  /** So much has gone on to the client. */
  acknowledged(totalBytes: number): void {
    this.acknowledgedBytes = totalBytes
    this.wake()
  }

  /** Sends everything. Returns early when the client leaves. */
  async send(pieces: Pieces): Promise<void> {
    let isOver = false
    try {
      for (;;) {
        const result = await Promise.race([pieces.next(), this.left])
        isOver = result?.done === true
        if (result === undefined || isOver) break
        for (const data of this.cut(result.value)) {
          await this.room(data.length)
          if (this.isLeft) return
          this.sendChunk(data)
        }
      }
      if (!this.isLeft && !this.hasStarted) this.start('application/octet-stream')
    } finally {
      if (!isOver) await close(pieces)
    }
  }

  private get hasContentType(): boolean {
    return this.head.headers.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'content-type')
  }

  private clientLeft(): void {
    this.isLeft = true
    this.leave(undefined)
    this.wake()
  }

  /** A piece as bytes, none too long for a frame. */
  private *cut(piece: unknown): Generator<Buffer> {
    const [contentType, data] = toBytes(piece)
    if (!this.hasStarted) this.start(contentType)
    for (let from = 0; from < data.length; from += CHUNK_BYTES) yield data.subarray(from, from + CHUNK_BYTES)
  }

  private async room(bytes: number): Promise<void> {
    while (!this.isLeft) {
      const onTheWay = this.sentBytes - this.acknowledgedBytes
      if (onTheWay === 0 || onTheWay + bytes <= this.sink.windowBytes) return
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
  }

  private start(contentType: string): void {
    this.hasStarted = true
    const { invocationId, leaseToken } = this.attempt.invoke
    const headers = this.hasContentType ? this.head.headers : [...this.head.headers, 'content-type', contentType]
    const response = { ...this.head, headers, bodyKind: BodyKind.BODY_KIND_BINARY }
    this.sink.start({ invocationId, leaseToken, response }, this.attempt)
  }

  private sendChunk(data: Buffer): void {
    const { invocationId, leaseToken } = this.attempt.invoke
    this.sentBytes += data.length
    this.sink.chunk({ invocationId, leaseToken, data })
  }
}

/** Has a generator clean up. One that waits for something hears of it only afterwards: then without waiting for it. */
async function close(pieces: Pieces): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, CLOSE_MS)
  })
  await Promise.race([Promise.resolve(pieces.return?.()).catch(() => {}), patience])
  clearTimeout(timer)
}

function toBytes(piece: unknown): [string, Buffer] {
  if (typeof piece === 'string') return ['text/plain; charset=utf-8', Buffer.from(piece)]
  if (piece instanceof ArrayBuffer) return ['application/octet-stream', Buffer.from(piece)]
  if (ArrayBuffer.isView(piece))
    return ['application/octet-stream', Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)]
  const text = toJson(piece, 'a piece of the body')
  if (text === undefined)
    throw new MotiaError(`a piece of the body is a ${typeof piece}, which is not JSON`, 'bad_result')
  return [NDJSON, Buffer.from(`${text}\n`)]
}
