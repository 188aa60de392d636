/** Log records and spans on their way to the core: bounded and droppable, so that a flood of them never delays a result. */

import type { ClientDuplexStream } from '@grpc/grpc-js'
import type { LogRecord, Span, TelemetryRequest, TelemetryResponse } from './gen/motia/v1/telemetry.js'

const MAX_WAITING = 10_000 // records; more are dropped and counted
const MAX_WAITING_BYTES = 16 * 1024 * 1024
const LONGEST_RECORD = 1024 * 1024 // bytes; of a longer one the fields are left out and the message is cut
const RECORD_BYTES = 200 // that a record takes beside its texts, roughly
const BATCH = 500 // records a message
const BATCH_BYTES = 1024 * 1024

type Item = LogRecord | Span
type Stream = ClientDuplexStream<TelemetryRequest, TelemetryResponse>

export class Telemetry {
  private waiting: Item[] = []
  private waitingBytes = 0
  private dropped = 0
  private reported = 0 // of the dropped ones, to this stream or one before
  private scheduled = false
  private stream: Stream | undefined
  private sessionId = ''
  private readonly whenSettled: (() => void)[] = []

  constructor(private readonly open: (failed: () => void) => Stream) {}

  /** Sends from now on, for this session, on a stream of its own. */
  connect(sessionId: string): void {
    this.sessionId = sessionId
    this.stream = undefined
    this.scheduled = false
    this.dropped -= this.reported
    this.reported = 0
    this.schedule()
  }

  add(record: LogRecord): void {
    this.push(bound(record))
  }

  addSpan(span: Span): void {
    this.push(span)
  }

  private push(item: Item): void {
    const bytes = size(item)
    if (this.waiting.length >= MAX_WAITING || this.waitingBytes + bytes > MAX_WAITING_BYTES) {
      this.dropped += 1
      return
    }
    this.waiting.push(item)
    this.waitingBytes += bytes
    this.schedule()
  }

  /** Resolves when nothing waits, or cannot be sent. */
  settled(): Promise<void> {
    if (this.waiting.length === 0 || this.sessionId === '') return Promise.resolve()
    return new Promise((resolve) => {
      this.whenSettled.push(resolve)
    })
  }

  private flush = (): void => {
    this.scheduled = false
    while (this.waiting.length > 0 && this.sessionId !== '') {
      const stream = (this.stream ??= this.connectStream())
      this.reported = this.dropped
      const batch = this.takeBatch()
      const logs = batch.filter((item): item is LogRecord => !isSpan(item))
      const spans = batch.length > logs.length ? batch.filter(isSpan) : []
      if (!stream.write({ sessionId: this.sessionId, logs, spans, dropped: this.dropped })) {
        this.scheduled = true // what comes waits for room as well
        stream.once('drain', () => {
          if (this.stream === stream) this.flush()
        })
        return
      }
    }
    for (const resolve of this.whenSettled.splice(0)) resolve()
  }

  private takeBatch(): Item[] {
    let bytes = 0
    let records = 0
    while (records < Math.min(BATCH, this.waiting.length)) {
      const more = size(this.waiting[records] as Item)
      if (records > 0 && bytes + more > BATCH_BYTES) break
      bytes += more
      records += 1
    }
    this.waitingBytes -= bytes
    return this.waiting.splice(0, records)
  }

  private connectStream(): Stream {
    const stream = this.open(() => {
      if (this.stream !== stream) return
      this.sessionId = '' // the next connection brings another stream
      this.flush()
    })
    return stream
  }

  private schedule(): void {
    if (!this.scheduled && this.sessionId !== '') {
      this.scheduled = true
      setImmediate(this.flush)
    }
  }
}

function isSpan(item: Item): item is Span {
  return 'spanId' in item
}

/** Bytes that a record holds, roughly: a character may take more than one. */
function size(item: Item): number {
  if (isSpan(item)) return RECORD_BYTES + item.name.length + item.attributes.length
  return RECORD_BYTES + item.message.length + item.fields.length
}

function bound(record: LogRecord): LogRecord {
  if (size(record) <= LONGEST_RECORD) return record
  const { message, fields } = record
  const leftOut = `(cut: the message had ${message.length} characters, the fields ${fields.length} bytes)`
  return { ...record, message: `${message.slice(0, LONGEST_RECORD / 4)}… ${leftOut}`, fields: Buffer.alloc(0) }
}
