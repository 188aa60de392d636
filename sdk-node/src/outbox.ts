/** Frames on their way to the core: everything that accumulates in a tick, or while the connection is full, is one message. */

import { SidecarFrame } from './gen/motia/v1/sidecar.js'

export type Frame = NonNullable<SidecarFrame['frame']>

const BATCH_BYTES = 4 * 1024 * 1024 // payload bytes after which a message is closed; less when the core reads less

export class Outbox {
  private frames: SidecarFrame[] = []
  private bytes = 0
  private batchBytes = BATCH_BYTES
  private closed: SidecarFrame[][] = []
  private scheduled = false
  private readonly whenEmpty: (() => void)[] = []
  private write: ((frames: SidecarFrame[]) => boolean) | undefined

  /** Adds a frame; `payloadBytes` says how much of it is payload, roughly. */
  add(frame: Frame, payloadBytes = 0): void {
    if (this.bytes + payloadBytes > this.batchBytes && this.frames.length > 0) {
      this.closed.push(this.frames)
      this.frames = []
      this.bytes = 0
    }
    this.bytes += payloadBytes
    this.frames.push({ mustUnderstand: false, frame })
    this.schedule()
  }

  /** Adds a frame that was added before; how large it is has been forgotten. */
  repeat(frame: Frame): void {
    this.add(frame, SidecarFrame.encode({ mustUnderstand: false, frame }).finish().length)
  }

  /** The core reads messages of so many bytes. What is not payload takes a part of it. */
  limit(messageBytes: number): void {
    this.batchBytes = Math.min(BATCH_BYTES, messageBytes / 2)
  }

  /** Sends through `write` from now on. It returns false when the connection is full; call `resume` when it is not. */
  connect(write: (frames: SidecarFrame[]) => boolean): void {
    this.write = write
    this.schedule()
  }

  /** Keeps everything until the next `connect`. */
  disconnect(): void {
    this.write = undefined
  }

  /** Takes back all that was not handed to a connection. */
  takeUnsent(): SidecarFrame[] {
    const unsent = [...this.closed.flat(), ...this.frames]
    this.closed = []
    this.frames = []
    this.bytes = 0
    return unsent
  }

  /** Sends what has accumulated, as far as the connection takes it. */
  flush = (): void => {
    this.scheduled = false
    while (this.write !== undefined) {
      const batch = this.closed.shift() ?? this.frames
      if (batch.length === 0) {
        for (const resolve of this.whenEmpty.splice(0)) resolve()
        return
      }
      if (batch === this.frames) {
        this.frames = []
        this.bytes = 0
      }
      if (!this.write(batch)) this.disconnect() // the owner connects again on 'drain'
    }
  }

  /** Resolves when everything has been handed to a connection. */
  emptied(): Promise<void> {
    if (this.frames.length === 0 && this.closed.length === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.whenEmpty.push(resolve)
    })
  }

  private schedule(): void {
    // After the current poll phase: what a batch of invocations answers leaves as one message.
    if (!this.scheduled && this.write !== undefined) {
      this.scheduled = true
      setImmediate(this.flush)
    }
  }
}
