/** The end of a session in good order: finish what runs, have it acknowledged, flush, say so. */

import type { Completions } from './completions.js'
import { CancelReason } from './gen/motia/v1/invoke.js'
import type { Heartbeat } from './heartbeat.js'
import type { Outbox } from './outbox.js'
import type { Telemetry } from './telemetry.js'
import type { Worker } from './worker.js'

// After the grace the core may end the process within a second (docs/protocol.md, DRAIN-6).
const STOP_MS = 400 // for what was cancelled
const ACKNOWLEDGE_MS = 300 // for durable Completes; more when there is grace left
const LOGS_MS = 200

export interface Draining {
  worker: Worker
  completions: Completions
  telemetry: Telemetry
  outbox: Outbox
  heartbeat: Heartbeat
}

/** Brings the sidecar to rest; resolves when Drained has been handed to the connection. */
export async function drain(
  graceMs: number,
  { worker, completions, telemetry, outbox, heartbeat }: Draining,
): Promise<void> {
  const graceEnds = performance.now() + graceMs
  if (!(await within(graceMs, worker.idle()))) {
    for (const invocationId of [...worker.attempts.keys()]) {
      worker.cancel({ invocationId, reason: CancelReason.CANCEL_REASON_SHUTDOWN, graceMs: 0, signalOnly: false })
    }
    if (!(await within(STOP_MS, worker.idle()))) worker.abandon()
  }
  await within(Math.max(ACKNOWLEDGE_MS, graceEnds - performance.now()), completions.settled())
  await within(LOGS_MS, telemetry.settled())
  heartbeat.fallSilent()
  outbox.add({ $case: 'drained', value: {} })
  await outbox.emptied()
}

/** Waits for something; false when the time was over first. */
async function within(ms: number, done: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const timeOver = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false)
  })
  try {
    return await Promise.race([done.then(() => true), timeOver])
  } finally {
    clearTimeout(timer)
  }
}
