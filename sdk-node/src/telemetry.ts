/** Log records on their way to the core: bounded and droppable, so that a flood of them never delays a result. */

import type { ClientDuplexStream } from '@grpc/grpc-js'
import type { LogRecord, TelemetryRequest, TelemetryResponse } from './gen/motia/v1/telemetry.js'

const MAX_WAITING = 10_000 // records; more are dropped and counted
const BATCH = 500 // records a message

type Stream = ClientDuplexStream<TelemetryRequest, TelemetryResponse>

export class Telemetry {
  private waiting: LogRecord[] = []
  private dropped = 0
  private scheduled = false
  private stream: Stream | undefined
  private sessionId = ''

  constructor(private readonly open: (failed: () => void) => Stream) {}

  /** Sends from now on, for this session. */
  connect(sessionId: string): void {
    this.sessionId = sessionId
    this.schedule()
  }

  add(record: LogRecord): void {
    if (this.waiting.length >= MAX_WAITING) {
      this.dropped += 1
      return
    }
    this.waiting.push(record)
    this.schedule()
  }

  /** Sends what waits, as far as the connection takes it. */
  flush = (): void => {
    this.scheduled = false
    while (this.waiting.length > 0 && this.sessionId !== '') {
      const stream = (this.stream ??= this.connectStream())
      const logs = this.waiting.splice(0, BATCH)
      if (!stream.write({ sessionId: this.sessionId, logs, dropped: this.dropped })) {
        stream.once('drain', this.flush)
        this.scheduled = true
        return
      }
    }
  }

  private connectStream(): Stream {
    return this.open(() => {
      this.stream = undefined
      this.sessionId = '' // the next session brings a new one
      this.scheduled = false
    })
  }

  private schedule(): void {
    if (!this.scheduled && this.sessionId !== '') {
      this.scheduled = true
      setImmediate(this.flush)
    }
  }
}
