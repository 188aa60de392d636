/** Serves a core that has not launched this process: one session after the other, for as long as the process lives. */

import type { Identity } from './identity.js'
import type { Begun, Lasting } from './lasting.js'
import { type Leave, Session } from './session.js'
import { mistrust } from './trust.js'

const PAUSES_MS = [100, 200, 500, 1000, 2000, 5000] // between attempts to reach the core
const REMIND_MS = 60_000 // how often to say that it cannot be reached

export class Attaching {
  private session: Session | undefined
  private isLeaving = false
  private failures = 0 // in a row
  private toldAtMs = Number.NEGATIVE_INFINITY

  constructor(
    private readonly identity: Identity,
    private readonly lasting: Lasting,
    private readonly leaveProcess: Leave,
  ) {}

  start(): void {
    this.begin().connect()
  }

  /** Somebody wants the process to end: has the core drain it; the second time at once. */
  leave(): void {
    const isAgain = this.isLeaving
    this.isLeaving = true
    if (isAgain || this.session?.leave() !== true) this.leaveProcess(0)
  }

  private begin(): Session {
    const session = new Session(this.identity, this.lasting, this.leaveProcess, {
      welcomed: () => {
        this.failures = 0
        tell(`connected to the core at ${this.identity.address}`)
      },
      lost: (reason, begun) => void this.lost(session, reason, begun),
    })
    this.session = session
    return session
  }

  private async lost(session: Session, reason: string, begun: Begun | undefined): Promise<void> {
    const wasWelcome = session.abandon()
    this.session = undefined // nobody would answer it that the process is to end
    if (this.isLeaving) return this.leaveProcess(0)
    if (begun !== undefined) return this.begin().goOn(begun)
    const why = wasWelcome ? undefined : await mistrust(this.identity)
    if (why !== undefined) return this.leaveProcess(2, why)
    if (wasWelcome) {
      tell(`the core is gone (${reason}); attaching again`)
    } else if (Date.now() - this.toldAtMs > REMIND_MS) {
      this.toldAtMs = Date.now()
      tell(`the core at ${this.identity.address} cannot be reached (${this.plainly(reason)}); trying until it can`)
    }
    this.lasting.transport.renew() // the one before would go on dialling by itself
    const pauseMs = PAUSES_MS[Math.min(this.failures, PAUSES_MS.length - 1)]
    this.failures += 1
    setTimeout(() => this.start(), pauseMs)
  }

  /** What gRPC means. */
  private plainly(reason: string): string {
    const what = /Last error: (?:Error: )?(.*?)\.? Resolution note/s.exec(reason)?.[1] ?? reason
    if (this.identity.tls !== undefined || !what.startsWith('Failed to connect')) return what
    return 'it closes the connection at once: if it has sidecars.tls_cert, set MOTIA_SIDECAR_CA'
  }
}

/** Says what goes on to whoever runs this process. */
function tell(message: string): void {
  process.stderr.write(`motia: ${message}\n`)
}
