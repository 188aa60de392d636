/** The session with the core: handshake, the frames that come, drain, and what a lost connection asks for. */

import type { Runtime } from './attempt.js'
import { Calls } from './calls.js'
import { Completions } from './completions.js'
import { Credit } from './credit.js'
import { otherFiles, REMEDY } from './digest.js'
import { drain } from './drain.js'
import { ProtocolErrorCode } from './gen/motia/v1/failure.js'
import { CancelReason, type Invoke } from './gen/motia/v1/invoke.js'
import { type Drain, type Hello, Pool, Validation, type Welcome } from './gen/motia/v1/lifecycle.js'
import type { Load } from './gen/motia/v1/manifest.js'
import type { CoreFrame, SidecarFrame } from './gen/motia/v1/sidecar.js'
import { Heartbeat } from './heartbeat.js'
import type { Identity } from './identity.js'
import type { Begun, Lasting, Next } from './lasting.js'
import type { Loading } from './loading.js'
import { Outbox } from './outbox.js'
import type { StreamSink } from './response-stream.js'
import { reportStrays } from './strays.js'
import type { Telemetry } from './telemetry.js'
import type { SessionEvents, SessionStream, Transport } from './transport.js'
import { Worker } from './worker.js'

const REVISIONS = [1, 2]
const LEAVING_REVISION = 2 // since which Leaving is known
const CAPABILITIES = ['streamed-responses', 'uploads', 'sockets', 'stream-hooks', 'reload', 'several-steps']
const HANDSHAKE_MS = 10_000 // for the core to answer Hello
const LAST_WORDS_MS = 1000 // for the core to read what was sent last
const RECONNECT_MS = 100 // pause between attempts to reach the core again

/** Ends the process; the message goes to stderr. */
export type Leave = (code: number, message?: string) => void

export class Session {
  private readonly transport: Transport
  readonly outbox = new Outbox()
  private readonly calls = new Calls(this.outbox)
  readonly completions = new Completions(this.outbox)
  private readonly credit = new Credit(this.outbox)
  private readonly loading: Loading
  readonly heartbeat: Heartbeat
  readonly telemetry: Telemetry
  readonly worker: Worker
  private readonly runtime: Runtime
  private accepted: number[] = []
  private stream: SessionStream | undefined
  private welcome: Welcome | undefined
  private isGreeted = false // on this connection
  private handshake: NodeJS.Timeout | undefined
  private digest: string | undefined
  private marks = new Map<number, number>() // of completions, by the sequence of the heartbeat that followed
  private draining = false
  private isLeaving = false // and has said so: the frame may be lost with the connection
  private ending: { code: number; message: string | undefined } | undefined
  private lostAtMs = 0

  constructor(
    private readonly identity: Identity,
    { transport, loading, telemetry }: Lasting,
    private readonly end: Leave,
    private readonly next?: Next,
  ) {
    this.transport = transport
    this.loading = loading
    this.loading.outbox = this.outbox
    this.telemetry = telemetry
    this.runtime = {
      calls: this.calls,
      streamNames: [],
      maxPayloadBytes: Number.POSITIVE_INFINITY,
      isStrict: false,
      log: (record) => this.telemetry.add(record),
      span: (span) => this.telemetry.addSpan(span),
      slotFree: (pool) => this.credit.grant(pool, 1),
      streamSink: undefined,
    }
    this.worker = new Worker(this.runtime, {
      accepted: (invocationId) => this.noteAccepted(invocationId),
      completed: (complete, invoke) => this.completions.send(complete, invoke),
    })
    this.heartbeat = new Heartbeat(this.outbox, {
      inFlight: () => this.worker.attempts.size,
      sent: (sequence) => {
        this.marks.set(sequence, this.completions.mark)
        this.loading.tell()
      },
      silent: (ms) => this.giveUp(`nothing was heard from the core for ${ms / 1000} s`),
    })
    reportStrays((error, what) => this.worker.stray(error, what))
  }

  /** Dials the core and says hello. */
  connect(): void {
    this.isGreeted = false
    const stream: SessionStream = this.transport.openSession(this.events(() => stream))
    this.stream = stream
    const hello: Hello = {
      token: this.identity.token,
      revisions: REVISIONS,
      sdkName: 'motia-node',
      sdkVersion: this.identity.sdkVersion,
      language: this.identity.language,
      languageVersion: process.versions.node,
      pid: process.pid,
      capabilities: CAPABILITIES,
      resumeSessionId: this.welcome?.sessionId ?? '',
      name: this.identity.name,
    }
    stream.send([{ mustUnderstand: false, frame: { $case: 'hello', value: hello } }])
    const seconds = HANDSHAKE_MS / 1000
    this.handshake = setTimeout(() => this.giveUp(`the core did not answer Hello within ${seconds} s`), HANDSHAKE_MS)
  }

  /** Goes on where the core has begun a session by itself. */
  goOn({ stream, welcome, rest }: Begun): void {
    stream.tell(this.events(() => stream))
    this.stream = stream
    this.welcomed(welcome)
    this.receiveAll(stream, rest)
  }

  /** Asks for a Drain, after a break when there is one; false: no session, or the core does not know what that is. */
  leave(): boolean {
    if ((this.welcome?.revision ?? 0) < LEAVING_REVISION) return false
    this.isLeaving = true
    this.outbox.add({ $case: 'leaving', value: {} })
    return true
  }

  /** The session is over, and the process goes on: ends what it ran. Whether it had begun. */
  abandon(): boolean {
    this.stream = undefined
    this.outbox.disconnect()
    this.heartbeat.stop()
    this.credit.stop()
    clearTimeout(this.handshake)
    this.calls.lose('the connection to the core was lost')
    const reason = CancelReason.CANCEL_REASON_SHUTDOWN
    for (const invocationId of [...this.worker.attempts.keys()]) {
      this.worker.cancel({ invocationId, reason, graceMs: 0, signalOnly: false })
    }
    return this.welcome !== undefined
  }

  private events(stream: () => SessionStream): SessionEvents {
    return {
      frames: (frames) => this.receiveAll(stream(), frames),
      garbage: (reason) => this.refuse(`a message that is no motia.v1.SessionResponse: ${reason}`, INVALID_FRAME),
      drained: () => this.outbox.connect(this.write),
      closed: (reason) => this.closed(stream(), reason),
    }
  }

  private receiveAll(stream: SessionStream, frames: CoreFrame[]): void {
    if (this.stream !== stream) return // given up
    this.heartbeat.heard()
    for (const [at, frame] of frames.entries()) {
      if (this.ending !== undefined) return
      if (this.isGreeted) {
        this.receive(frame)
      } else if (this.isForgotten(frame)) {
        return this.next?.lost('', { stream, welcome: frame.frame.value, rest: frames.slice(at + 1) })
      } else {
        this.receiveFirst(frame)
      }
    }
  }

  /** The core has begun another session instead of resuming this one, and there is somebody to go on with that. */
  private isForgotten(first: CoreFrame): first is CoreFrame & { frame: { $case: 'welcome'; value: Welcome } } {
    if (this.next === undefined || this.welcome === undefined) return false
    return first.frame?.$case === 'welcome' && !first.frame.value.resumed
  }

  private receiveFirst({ frame }: CoreFrame): void {
    if (frame?.$case === 'welcome') this.welcomed(frame.value)
    else if (frame?.$case === 'protocolError') this.refused(frame.value.message)
    else this.refuse(`${frame?.$case ?? 'an unknown frame'} came before Welcome`, UNEXPECTED_FRAME)
  }

  private receive({ frame, mustUnderstand }: CoreFrame): void {
    switch (frame?.$case) {
      case 'invoke':
        return this.invoke(frame.value)
      case 'callReply':
        return this.calls.answered(frame.value)
      case 'chunkAck':
        return this.worker.attempts.get(frame.value.invocationId)?.stream?.acknowledged(frame.value.totalBytes)
      case 'completeAck':
        return this.completions.acknowledged(frame.value.invocationIds)
      case 'cancel':
        return this.worker.cancel(frame.value)
      case 'heartbeatAck':
        return this.beatArrived(frame.value.sequence)
      case 'welcome':
        return this.refuse('a second Welcome on one connection', UNEXPECTED_FRAME)
      case 'load':
        void this.load(frame.value)
        return
      case 'warm':
        return this.loading.warm(frame.value)
      case 'loadingAck':
        return this.loading.acknowledged(frame.value.path)
      case 'project':
        this.loading.arrived()
        this.runtime.streamNames = frame.value.streamNames
        return
      case 'drain':
        void this.drain(frame.value)
        return
      case 'protocolError':
        return this.refused(frame.value.message)
      default:
        if (mustUnderstand) this.refuse('a frame that must be understood is unknown to this SDK: upgrade motia')
    }
  }

  // --- handshake and loading

  private welcomed(welcome: Welcome): void {
    clearTimeout(this.handshake)
    if (!REVISIONS.includes(welcome.revision)) {
      const what = `Welcome chose revision ${welcome.revision}, this SDK speaks ${REVISIONS.join(', ')}`
      return this.refuse(what, ProtocolErrorCode.PROTOCOL_ERROR_CODE_REVISION)
    }
    const resuming = this.welcome !== undefined
    this.isGreeted = true
    this.welcome = welcome
    this.lostAtMs = 0
    if (welcome.maxMessageBytes > 0) this.outbox.limit(welcome.maxMessageBytes)
    if (welcome.maxPayloadBytes > 0) this.runtime.maxPayloadBytes = welcome.maxPayloadBytes
    this.loading.takesSeveral = welcome.capabilities.includes('several-steps')
    if (welcome.capabilities.includes('streamed-responses')) this.runtime.streamSink = this.streamSink(welcome)
    this.loading.isToTell = welcome.capabilities.includes('reload')
    this.runtime.isStrict = welcome.validation === Validation.VALIDATION_STRICT
    if (resuming && !welcome.resumed) return this.end(1, 'the core does not know this session any more')
    this.telemetry.connect(welcome.sessionId)
    if (resuming) this.repeatUnanswered()
    this.outbox.connect(this.write)
    this.heartbeat.start(welcome.heartbeatIntervalMs)
    if (!resuming) this.next?.welcomed()
  }

  private streamSink({ chunkWindowBytes }: Welcome): StreamSink {
    return {
      windowBytes: chunkWindowBytes,
      start: (value, attempt) => {
        attempt.giveSlotBack() // it may go on for hours
        this.outbox.add({ $case: 'responseStart', value })
      },
      chunk: (value) => this.outbox.add({ $case: 'responseChunk', value }, value.data.length),
    }
  }

  private async load(load: Load): Promise<void> {
    if (this.digest !== undefined) return this.refuse('a second Load in one session', UNEXPECTED_FRAME)
    load.projectRoot ||= process.cwd()
    const others = this.loading.digest !== undefined && this.loading.digest !== load.digest
    const loaded = `this process has loaded ${this.loading.digest}, the core serves ${load.digest}: ${REMEDY}`
    const why = load.verify ? (otherFiles(load, load.projectRoot) ?? (others ? loaded : undefined)) : undefined
    if (why !== undefined) return this.refuse(why, ProtocolErrorCode.PROTOCOL_ERROR_CODE_DIGEST)
    this.digest = load.digest
    const { steps, hooks } = await this.loading.load(load)
    this.worker.use(steps, hooks, load.projectRoot)
    this.credit.grant(Pool.POOL_API, this.welcome?.apiSlots ?? 0)
    this.credit.grant(Pool.POOL_BACKGROUND, this.welcome?.backgroundSlots ?? 0)
  }

  // --- work

  private invoke(invoke: Invoke): void {
    // After a resume the core repeats what it does not know to have arrived.
    if (this.worker.attempts.has(invoke.invocationId) || this.completions.has(invoke.invocationId)) return
    if (this.draining) {
      this.outbox.add({ $case: 'returned', value: { invocationIds: [invoke.invocationId] } })
      return
    }
    if (invoke.manifestDigest !== this.digest) {
      return this.refuse(
        `Invoke of ${invoke.step} names another manifest than the loaded one`,
        ProtocolErrorCode.PROTOCOL_ERROR_CODE_DIGEST,
      )
    }
    this.worker.start(invoke)
  }

  private noteAccepted(invocationId: number): void {
    if (this.accepted.length === 0) setImmediate(this.sendAccepted)
    this.accepted.push(invocationId)
  }

  /** Runs when a batch of invocations was started: what has completed meanwhile needs no Accepted. */
  private sendAccepted = (): void => {
    const running = this.accepted.filter((id) => this.worker.attempts.has(id))
    this.accepted = []
    if (running.length > 0) this.outbox.add({ $case: 'accepted', value: { invocationIds: running } })
  }

  private beatArrived(sequence: number): void {
    const mark = this.marks.get(sequence)
    if (mark !== undefined) this.completions.arrived(mark)
    for (const earlier of this.marks.keys()) if (earlier <= sequence) this.marks.delete(earlier)
  }

  private async drain({ graceMs }: Drain): Promise<void> {
    if (this.draining) return
    this.draining = true
    this.credit.stop()
    await Promise.all([drain(graceMs, this), this.loading.close(graceMs)])
    this.endWith(0)
  }

  // --- a lost connection

  private write = (frames: SidecarFrame[]): boolean => this.stream?.send(frames) ?? false

  /** Treats the connection as lost. */
  private giveUp(reason: string): void {
    const { stream } = this
    if (stream === undefined) return
    stream.cancel()
    this.transport.renew()
    this.closed(stream, reason)
  }

  private closed(stream: SessionStream, reason: string): void {
    if (this.stream !== stream) return
    this.stream = undefined
    this.outbox.disconnect()
    this.heartbeat.stop()
    this.marks.clear()
    clearTimeout(this.handshake)
    if (this.ending !== undefined) return this.end(this.ending.code, this.ending.message)
    if (this.draining) return this.end(0)
    const windowMs = this.welcome?.resumeWindowMs ?? 0
    this.lostAtMs ||= Date.now()
    if (Date.now() - this.lostAtMs >= windowMs) {
      if (this.next !== undefined) return this.next.lost(reason)
      return this.end(1, `the core cannot be reached: ${reason}`)
    }
    setTimeout(() => this.connect(), RECONNECT_MS)
  }

  /** What a resumed session must hear again: what runs, completed, was asked and is announced; the credit. */
  private repeatUnanswered(): void {
    const unsent = this.outbox.takeUnsent()
    const kinds = new Set<string>()
    const completes = new Set<number>()
    const calls = new Set<number>()
    for (const { frame } of unsent) {
      if (frame === undefined) continue
      kinds.add(frame.$case)
      if (frame.$case === 'complete') completes.add(frame.value.invocationId)
      if (frame.$case === 'call') calls.add(frame.value.callId)
    }
    const running = [...this.worker.attempts.keys()]
    if (running.length > 0) this.outbox.add({ $case: 'accepted', value: { invocationIds: running } })
    this.loading.repeat(kinds)
    this.completions.repeat(completes)
    this.calls.repeat(calls)
    if (this.isLeaving && !kinds.has('leaving')) this.outbox.add({ $case: 'leaving', value: {} })
    for (const { frame } of unsent) if (frame !== undefined && frame.$case !== 'credit') this.outbox.repeat(frame)
    this.credit.repeat()
  }

  // --- the end

  /** Ends the session in order: the process leaves when the core has read everything, or soon after. */
  private endWith(code: number, message?: string): void {
    if (this.ending !== undefined) return
    this.ending = { code, message }
    this.stream?.end()
    setTimeout(() => this.end(code, message), LAST_WORDS_MS)
  }

  private refused(message: string): void {
    this.end(2, `the core ended the session: ${message}`)
  }

  private refuse(message: string, code = ProtocolErrorCode.PROTOCOL_ERROR_CODE_NOT_UNDERSTOOD): void {
    if (this.ending !== undefined) return
    this.stream?.send([{ mustUnderstand: false, frame: { $case: 'protocolError', value: { code, message } } }])
    this.endWith(2, message)
  }
}

const INVALID_FRAME = ProtocolErrorCode.PROTOCOL_ERROR_CODE_INVALID_FRAME
const UNEXPECTED_FRAME = ProtocolErrorCode.PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME
