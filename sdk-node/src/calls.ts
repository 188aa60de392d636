/** Context calls in flight. */

import { MotiaError } from './errors.js'
import type { Call, CallReply } from './gen/motia/v1/call.js'
import type { Outbox } from './outbox.js'

export type Operation = NonNullable<Call['operation']>

interface Pending {
  call: Call
  resolve(value: Buffer): void
  reject(error: Error): void
}

export class Calls {
  private readonly pending = new Map<number, Pending>()
  private lastId = 0

  constructor(private readonly outbox: Outbox) {}

  /** Sends a call; resolves with the reply's JSON text, rejects with a MotiaError. */
  make(invocationId: number, leaseToken: number, operation: Operation, payloadBytes: number): Promise<Buffer> {
    this.lastId = (this.lastId + 1) >>> 0 || 1
    const call: Call = { callId: this.lastId, invocationId, leaseToken, operation }
    return new Promise((resolve, reject) => {
      this.pending.set(call.callId, { call, resolve, reject })
      this.outbox.add({ $case: 'call', value: call }, payloadBytes)
    })
  }

  answered(reply: CallReply): void {
    const pending = this.pending.get(reply.callId)
    if (pending === undefined) return
    this.pending.delete(reply.callId)
    if (reply.result?.$case === 'value') {
      pending.resolve(reply.result.value)
    } else {
      const failure = reply.result?.value
      pending.reject(new MotiaError(failure?.message ?? 'the core sent an empty reply', failure?.type ?? 'internal'))
    }
  }

  /** The session is over: none of them will be answered. */
  lose(why: string): void {
    const lost = [...this.pending.values()]
    this.pending.clear()
    for (const { reject } of lost) reject(new MotiaError(why, 'sidecar_lost'))
  }

  /** After a resume: asks again what was not answered. The core starts a call that it still works on only once. */
  repeat(unsent: ReadonlySet<number>): void {
    for (const { call } of this.pending.values()) {
      if (!unsent.has(call.callId)) this.outbox.repeat({ $case: 'call', value: call })
    }
  }
}
