/** The connection to the core. The only file that knows gRPC. */

import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js'
import { type CoreFrame, SessionRequest, SessionResponse, type SidecarFrame } from './gen/motia/v1/sidecar.js'
import { TelemetryRequest, TelemetryResponse } from './gen/motia/v1/telemetry.js'

const MAX_MESSAGE_BYTES = 64 * 1024 * 1024

export interface SessionEvents {
  /** A batch of frames, in order. */
  frames(frames: CoreFrame[]): void
  /** The connection takes more again. */
  drained(): void
  /** The connection has ended. */
  closed(reason: string): void
}

/** One open Session stream. */
export interface SessionStream {
  /** Sends one message; false: the connection is full until `drained`. */
  send(frames: SidecarFrame[]): boolean
  /** Says that nothing more will be sent; the core then closes. */
  end(): void
}

export class Transport {
  private readonly client: Client

  constructor(address: string) {
    this.client = new Client(address, credentials.createInsecure(), {
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
      'grpc.enable_http_proxy': 0,
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 500,
    })
  }

  openSession(events: SessionEvents): SessionStream {
    const stream = this.client.makeBidiStreamRequest(
      '/motia.v1.SidecarService/Session',
      (message: SessionRequest) => toBuffer(SessionRequest.encode(message).finish()),
      (data: Buffer) => SessionResponse.decode(data),
    )
    stream.on('data', (message: SessionResponse) => events.frames(message.frames))
    stream.on('drain', () => events.drained())
    stream.on('error', () => {}) // the status says the same, and comes always
    stream.on('status', (status) => events.closed(status.details || 'the core closed the connection'))
    return {
      send: (frames) => stream.write({ frames }),
      end: () => stream.end(),
    }
  }

  openTelemetry(failed: () => void): ClientDuplexStream<TelemetryRequest, TelemetryResponse> {
    const stream = this.client.makeBidiStreamRequest(
      '/motia.v1.SidecarService/Telemetry',
      (message: TelemetryRequest) => toBuffer(TelemetryRequest.encode(message).finish()),
      (data: Buffer) => TelemetryResponse.decode(data),
    )
    stream.on('error', failed)
    stream.resume()
    return stream
  }

  close(): void {
    this.client.close()
  }
}

/** A view, not a copy: grpc-js wants Buffers. */
function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
