/** For the conformance kit: reads protobuf messages of the protocol from standard input and writes them again. */

import { createInterface } from 'node:readline'
import { CoreFrame, SidecarFrame } from './gen/motia/v1/sidecar.js'
import { TelemetryRequest } from './gen/motia/v1/telemetry.js'

const AGAIN: Record<string, (data: Buffer) => Uint8Array> = {
  'motia.v1.SidecarFrame': (data) => SidecarFrame.encode(SidecarFrame.decode(data)).finish(),
  'motia.v1.CoreFrame': (data) => CoreFrame.encode(CoreFrame.decode(data)).finish(),
  'motia.v1.TelemetryRequest': (data) => TelemetryRequest.encode(TelemetryRequest.decode(data)).finish(),
}

// A line is a message's name, a space, and its bytes in base64; the answer is the bytes in base64.
for await (const line of createInterface({ input: process.stdin })) {
  const [name = '', text = ''] = line.split(' ')
  const again = AGAIN[name]
  if (again === undefined) throw new Error(`no message of the protocol: ${name}`)
  console.log(Buffer.from(again(Buffer.from(text, 'base64'))).toString('base64'))
}
