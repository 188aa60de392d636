import { expect, test } from 'vitest'
import { type Draining, drain } from '../src/drain.js'
import type { SidecarFrame } from '../src/gen/motia/v1/sidecar.js'
import { Heartbeat } from '../src/heartbeat.js'
import { Outbox } from '../src/outbox.js'

test('Drained is the last frame, also when the connection takes it late', async () => {
  const outbox = new Outbox()
  let silent = () => {}
  const isSilent = new Promise<void>((resolve) => {
    silent = resolve
  })
  const heartbeat = new Heartbeat(outbox, { inFlight: () => 0, sent: () => {}, silent: () => silent() })
  const atRest = { idle: async () => {}, settled: async () => {}, attempts: new Map(), abandon: () => {} }
  heartbeat.start(1)
  const drained = drain(0, {
    worker: atRest,
    completions: atRest,
    telemetry: atRest,
    outbox,
    heartbeat,
  } as unknown as Draining)
  await isSilent // after ten beats: whether the core lives is still seen
  const written: SidecarFrame[] = []
  outbox.connect((frames) => written.push(...frames) > 0)
  await drained
  heartbeat.stop()
  expect(written.at(-1)?.frame?.$case).toBe('drained')
})
