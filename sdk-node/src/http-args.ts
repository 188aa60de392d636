/** What http handlers of Motia 1.0 get: the request, and a response that they may write instead of returning one. */

import { PassThrough, Readable, type Writable } from 'node:stream'
import type { ApiInput } from './payload.js'
import type { MotiaHttpRequest, MotiaHttpResponse } from './triggered-types.js'

/** A response that is written piece by piece. */
export class WrittenResponse implements MotiaHttpResponse {
  isUsed = false
  /** Resolves with true when there is something to send. */
  readonly begun: Promise<true>
  private code = 200
  private readonly headerValues: Record<string, string | string[]> = {}
  private written: PassThrough | undefined
  private begin: (isBegun: true) => void = () => {}

  constructor() {
    this.begun = new Promise((resolve) => {
      this.begin = resolve
    })
  }

  async status(code: number): Promise<void> {
    this.isUsed = true
    this.code = code
  }

  async headers(headers: Record<string, string | string[]>): Promise<void> {
    this.isUsed = true
    Object.assign(this.headerValues, headers)
  }

  get stream(): Writable {
    return this.pieces
  }

  async close(): Promise<void> {
    this.isUsed = true
    this.written?.end()
  }

  /** What was written. */
  get pieces(): PassThrough {
    if (this.written === undefined) {
      this.written = new PassThrough()
      this.written.on('error', () => {}) // who reads hears of it; a piece that comes too late is nobody's failure
      this.written.once('readable', () => {
        this.isUsed = true
        this.begin(true)
      })
    }
    return this.written
  }

  /** Status and headers, as a handler returns them. */
  head(): { status: number; headers: Record<string, string | string[]> } {
    return { status: this.code, headers: this.headerValues }
  }
}

/** The request. */
export function toMotiaRequest({ rawBody, ...request }: ApiInput, method: string): MotiaHttpRequest {
  const raw = Buffer.isBuffer(rawBody) ? rawBody : Buffer.from(rawBody)
  return {
    ...(request as Pick<MotiaHttpRequest, 'body' | 'headers' | 'pathParams' | 'queryParams'>),
    method,
    requestBody: {
      get stream() {
        return Readable.from(raw.length === 0 ? [] : [raw])
      },
      readAll: async () => raw,
    },
  }
}
