/** The session with the core: handshake, loading, credit, liveness, drain, and what a lost connection asks for. */

import type { Runtime } from './attempt.js'
import { Calls } from './calls.js'
import { ProtocolErrorCode } from './gen/motia/v1/failure.js'
import type { Complete, Invoke } from './gen/motia/v1/invoke.js'
import { type Drain, type Hello, Pool, type Welcome } from './gen/motia/v1/lifecycle.js'
import { FileKind, type Load, LoadPhase, type Manifest } from './gen/motia/v1/manifest.js'
import type { CoreFrame, SidecarFrame } from './gen/motia/v1/sidecar.js'
import type { LoadedStep, LoadFailure, LoadResult } from './loader.js'
import { Outbox } from './outbox.js'
import { Telemetry } from './telemetry.js'
import { type SessionStream, Transport } from './transport.js'
import { Worker } from './worker.js'

const LAST_WORDS_MS = 1000 // for the core to read what was sent last
const RECONNECT_MS = 100 // pause between attempts to reach the core again

export interface Identity {
  address: string
  token: string
  language: string
  sdkVersion: string
}

/** Ends the process; the message goes to stderr. */
export type Leave = (code: number, message?: string) => void

export class Session {
  private readonly transport: Transport
  private readonly outbox = new Outbox()
  private readonly calls = new Calls(this.outbox)
  private readonly telemetry: Telemetry
  private readonly worker: Worker
  private readonly runtime: Runtime
  private readonly unacknowledged = new Map<number, Complete>()
  private readonly granted: Record<number, number> = {}
  private readonly loadingAcks = new Map<string, () => void>()
  private accepted: number[] = []
  private stream: SessionStream | undefined
  private welcome: Welcome | undefined
  private digest = ''
  private heartbeat: NodeJS.Timeout | undefined
  private heartbeats = 0
  private expectedBeatMs = 0
  private draining = false
  private ending: { code: number; message: string | undefined } | undefined
  private lostAtMs = 0

  constructor(
    private readonly identity: Identity,
    private readonly leave: Leave,
  ) {
    this.transport = new Transport(identity.address)
    this.telemetry = new Telemetry((failed) => this.transport.openTelemetry(failed))
    this.runtime = {
      calls: this.calls,
      streamNames: [],
      maxPayloadBytes: Number.POSITIVE_INFINITY,
      log: (record) => this.telemetry.add(record),
    }
    this.worker = new Worker(this.runtime, {
      accepted: (invocationId) => this.noteAccepted(invocationId),
      completed: (complete, invoke) => this.completed(complete, invoke),
    })
  }

  /** Dials the core and says hello. */
  connect(): void {
    const stream = this.transport.openSession({
      frames: (frames) => {
        for (const frame of frames) this.receive(frame)
      },
      drained: () => this.outbox.connect(this.write),
      closed: (reason) => this.closed(stream, reason),
    })
    this.stream = stream
    const hello: Hello = {
      token: this.identity.token,
      revisions: [1],
      sdkName: 'motia-node',
      sdkVersion: this.identity.sdkVersion,
      language: this.identity.language,
      languageVersion: process.versions.node,
      pid: process.pid,
      capabilities: [],
      resumeSessionId: this.welcome?.sessionId ?? '',
    }
    stream.send([{ mustUnderstand: false, frame: { $case: 'hello', value: hello } }])
  }

  private receive({ frame, mustUnderstand }: CoreFrame): void {
    switch (frame?.$case) {
      case 'invoke':
        return this.invoke(frame.value)
      case 'callReply':
        return this.calls.answered(frame.value)
      case 'completeAck':
        for (const id of frame.value.invocationIds) this.unacknowledged.delete(id)
        return
      case 'cancel':
        return this.worker.cancel(frame.value)
      case 'heartbeatAck':
        return
      case 'welcome':
        return this.welcomed(frame.value)
      case 'load':
        void this.load(frame.value)
        return
      case 'loadingAck':
        this.loadingAcks.get(frame.value.path)?.()
        return
      case 'project':
        this.runtime.streamNames = frame.value.streamNames
        return
      case 'drain':
        void this.drain(frame.value)
        return
      case 'protocolError':
        return this.leave(2, `the core ended the session: ${frame.value.message}`)
      default:
        if (mustUnderstand) this.refuse('a frame that must be understood is unknown to this SDK: upgrade motia')
    }
  }

  // --- handshake and loading

  private welcomed(welcome: Welcome): void {
    const resuming = this.welcome !== undefined
    this.welcome = welcome
    this.lostAtMs = 0
    if (welcome.maxPayloadBytes > 0) this.runtime.maxPayloadBytes = welcome.maxPayloadBytes
    if (resuming && !welcome.resumed) return this.leave(1, 'the core does not know this session any more')
    this.telemetry.connect(welcome.sessionId)
    if (resuming) this.repeatUnanswered()
    this.outbox.connect(this.write)
    this.startHeartbeats(welcome.heartbeatIntervalMs)
  }

  private async load(load: Load): Promise<void> {
    this.digest = load.digest
    const { Loader } = await import('./loader.js')
    const loader = new Loader(load.projectRoot)
    const manifest: Manifest = { digest: load.digest, steps: [], streams: [], errors: [] }
    const steps: LoadedStep[] = []
    for (const { path, kind } of load.files) {
      await this.announce(path)
      const result = await loader.load(path, kind === FileKind.FILE_KIND_STREAM ? 'stream' : 'step')
      if ('step' in result) steps.push(result.step)
      describe(result, manifest)
    }
    this.worker.use(steps, load.projectRoot)
    this.outbox.add({ $case: 'manifest', value: manifest })
    this.grant(Pool.POOL_API, this.welcome?.apiSlots ?? 0)
    this.grant(Pool.POOL_BACKGROUND, this.welcome?.backgroundSlots ?? 0)
  }

  /** Tells the core which file is about to be imported, and waits until it knows. */
  private announce(path: string): Promise<void> {
    return new Promise((resolve) => {
      this.loadingAcks.set(path, resolve)
      this.outbox.add({ $case: 'loading', value: { path } })
    })
  }

  // --- work

  private invoke(invoke: Invoke): void {
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
    // After a resume the core repeats what it does not know to have arrived.
    if (this.worker.attempts.has(invoke.invocationId) || this.unacknowledged.has(invoke.invocationId)) return
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

  private completed(complete: Complete, invoke: Invoke): void {
    if (invoke.durable) this.unacknowledged.set(invoke.invocationId, complete)
    const bytes = complete.outcome?.$case === 'http' ? complete.outcome.value.body.length : 0
    this.outbox.add({ $case: 'complete', value: complete }, bytes)
    if (!this.draining) this.grant(invoke.pool, 1)
  }

  private grants: Set<Pool> | undefined

  /** Adds to a pool's credit; one Credit frame a pool and tick. */
  private grant(pool: Pool, slots: number): void {
    this.granted[pool] = (this.granted[pool] ?? 0) + slots
    if (this.grants === undefined) {
      this.grants = new Set()
      queueMicrotask(() => setImmediate(this.sendGrants))
    }
    this.grants.add(pool)
  }

  private sendGrants = (): void => {
    for (const pool of this.grants ?? []) {
      this.outbox.add({ $case: 'credit', value: { pool, granted: this.granted[pool] ?? 0 } })
    }
    this.grants = undefined
  }

  // --- liveness

  private startHeartbeats(intervalMs: number): void {
    clearInterval(this.heartbeat)
    this.expectedBeatMs = performance.now() + intervalMs
    this.heartbeat = setInterval(() => {
      const lagMs = Math.max(0, Math.round(performance.now() - this.expectedBeatMs))
      this.expectedBeatMs = performance.now() + intervalMs
      const inFlight = this.worker.attempts.size
      const memoryBytes = process.memoryUsage.rss()
      this.heartbeats += 1
      this.outbox.add({
        $case: 'heartbeat',
        value: { sequence: this.heartbeats, loopLagMs: lagMs, memoryBytes, inFlight },
      })
    }, intervalMs)
  }

  // --- drain

  private async drain({ graceMs }: Drain): Promise<void> {
    this.draining = true
    const deadline = Date.now() + graceMs
    const settled = () => this.worker.attempts.size === 0 && (this.unacknowledged.size === 0 || this.lostAtMs > 0)
    while (this.worker.attempts.size > 0 && Date.now() < deadline) await pause(10)
    for (const id of [...this.worker.attempts.keys()]) {
      this.worker.cancel({ invocationId: id, reason: 4, graceMs: 0, signalOnly: false })
    }
    // What was completed is kept until the core has it on disk; it gets a moment for that.
    const moment = Date.now() + 1000
    while (!settled() && Date.now() < moment) await pause(5)
    this.telemetry.flush()
    this.outbox.add({ $case: 'drained', value: {} })
    while (!this.outbox.isEmpty) await pause(1)
    this.endWith(0)
  }

  // --- a lost connection

  private write = (frames: SidecarFrame[]): boolean => this.stream?.send(frames) ?? false

  private closed(stream: SessionStream, reason: string): void {
    if (this.stream !== stream) return
    this.outbox.disconnect()
    clearInterval(this.heartbeat)
    if (this.ending !== undefined) return this.leave(this.ending.code, this.ending.message)
    if (this.draining) return this.leave(0)
    const windowMs = this.welcome?.resumeWindowMs ?? 0
    this.lostAtMs ||= Date.now()
    if (Date.now() - this.lostAtMs >= windowMs) return this.leave(1, `the core cannot be reached: ${reason}`)
    setTimeout(() => this.connect(), RECONNECT_MS)
  }

  /** What a resumed session must hear again: completions without acknowledgement, calls without answer, the credit. */
  private repeatUnanswered(): void {
    const unsent = this.outbox.takeUnsent()
    const running = [...this.worker.attempts.keys()]
    if (running.length > 0) this.outbox.add({ $case: 'accepted', value: { invocationIds: running } })
    const unsentCompletes = new Set<number>()
    const unsentCalls = new Set<number>()
    for (const { frame } of unsent) {
      if (frame?.$case === 'complete') unsentCompletes.add(frame.value.invocationId)
      if (frame?.$case === 'call') unsentCalls.add(frame.value.callId)
    }
    for (const [id, complete] of this.unacknowledged) {
      if (!unsentCompletes.has(id)) this.outbox.add({ $case: 'complete', value: complete })
    }
    this.calls.repeat(unsentCalls)
    for (const { frame } of unsent) if (frame !== undefined) this.outbox.add(frame)
    for (const pool of [Pool.POOL_API, Pool.POOL_BACKGROUND]) this.grant(pool, 0)
  }

  /** Ends the session in order: the process leaves when the core has read everything, or soon after. */
  private endWith(code: number, message?: string): void {
    this.ending = { code, message }
    this.stream?.end()
    setTimeout(() => this.leave(code, message), LAST_WORDS_MS)
  }

  private refuse(message: string, code = ProtocolErrorCode.PROTOCOL_ERROR_CODE_NOT_UNDERSTOOD): void {
    this.stream?.send([{ mustUnderstand: false, frame: { $case: 'protocolError', value: { code, message } } }])
    this.endWith(2, message)
  }
}

/** Adds what one file defines to the manifest. */
function describe(result: LoadResult, manifest: Manifest): void {
  if ('failure' in result) {
    manifest.errors.push({ ...result.failure, phase: PHASES[result.failure.phase] })
    return
  }
  if ('step' in result) {
    const { path, config, handler, middleware, line, warnings } = result.step
    const text = Buffer.from(JSON.stringify(config))
    manifest.steps.push({
      path,
      config: text,
      hasHandler: handler !== undefined,
      middlewareCount: middleware.length,
      line,
      warnings,
    })
    return
  }
  const { path, config, canAccess, warnings } = result.stream
  manifest.streams.push({
    path,
    config: Buffer.from(JSON.stringify(config)),
    hasCanAccess: canAccess !== undefined,
    warnings,
  })
}

const PHASES: Record<LoadFailure['phase'], LoadPhase> = {
  resolve: LoadPhase.LOAD_PHASE_RESOLVE,
  compile: LoadPhase.LOAD_PHASE_COMPILE,
  import: LoadPhase.LOAD_PHASE_IMPORT,
  config: LoadPhase.LOAD_PHASE_CONFIG,
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
