/** Signs of life: tells the core how the loop does, and notices when nothing comes from it any more. */

import type { Outbox } from './outbox.js'

const SILENT_BEATS = 10 // without any frame from the core: the connection is dead

export interface HeartbeatEvents {
  /** How many attempts run. */
  inFlight(): number
  sent(sequence: number): void
  /** Nothing has come for so many milliseconds. */
  silent(ms: number): void
}

export class Heartbeat {
  private timer: NodeJS.Timeout | undefined
  private sequence = 0
  private expectedMs = 0
  /** Beats since something came. Not a time: a loop that was blocked has not listened. */
  private unheard = 0
  private isSilent = false

  constructor(
    private readonly outbox: Outbox,
    private readonly events: HeartbeatEvents,
  ) {}

  start(intervalMs: number): void {
    this.stop()
    this.unheard = 0
    this.expectedMs = performance.now() + intervalMs
    this.timer = setInterval(() => this.beat(intervalMs), intervalMs)
  }

  stop(): void {
    clearInterval(this.timer)
  }

  /** Nothing is said any more; whether the core lives is still seen. */
  fallSilent(): void {
    this.isSilent = true
  }

  /** A message has come. */
  heard(): void {
    this.unheard = 0
  }

  private beat(intervalMs: number): void {
    if (this.unheard >= SILENT_BEATS) return this.events.silent(this.unheard * intervalMs)
    const loopLagMs = Math.max(0, Math.round(performance.now() - this.expectedMs))
    this.expectedMs = performance.now() + intervalMs
    this.unheard += 1
    if (this.isSilent) return
    this.sequence += 1
    const { sequence } = this
    const memoryBytes = process.memoryUsage.rss()
    this.outbox.add({
      $case: 'heartbeat',
      value: { sequence, loopLagMs, memoryBytes, inFlight: this.events.inFlight() },
    })
    this.events.sent(sequence)
  }
}
