/** The connection to the core. The only file that knows gRPC. */

import { type ChannelCredentials, Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js'
import { type CoreFrame, SessionResponse, type SidecarFrame } from './gen/motia/v1/sidecar.js'
import { TelemetryRequest, TelemetryResponse } from './gen/motia/v1/telemetry.js'
import type { Identity, Tls } from './identity.js'
import { encodeFrames, toBuffer } from './wire.js'

const MAX_MESSAGE_BYTES = 64 * 1024 * 1024

export interface SessionEvents {
  /** A batch of frames, in order. */
  frames(frames: CoreFrame[]): void
  /** Something has come that is no message. */
  garbage(reason: string): void
  /** The connection takes more again. */
  drained(): void
  /** The connection has ended. */
  closed(reason: string): void
}

/** One open Session stream. */
export interface SessionStream {
  /** Tells others than before of what comes. */
  tell(events: SessionEvents): void
  /** Sends one message; false: the connection is full until `drained`. */
  send(frames: SidecarFrame[]): boolean
  /** Says that nothing more will be sent; the core then closes. */
  end(): void
  /** Gives the connection up. */
  cancel(): void
}

export class Transport {
  private client: Client

  constructor(private readonly identity: Pick<Identity, 'address' | 'tls'>) {
    this.client = this.dial()
  }

  /** Makes a connection of its own for the streams that are opened from now on; the one before may be dead. */
  renew(): void {
    this.client.close()
    this.client = this.dial()
  }

  openSession(first: SessionEvents): SessionStream {
    let events = first
    const stream = this.client.makeBidiStreamRequest('/motia.v1.SidecarService/Session', encodeFrames, read)
    stream.on('data', (message: SessionResponse | Error) => {
      if (message instanceof Error) events.garbage(message.message)
      else events.frames(message.frames)
    })
    stream.on('drain', () => events.drained())
    stream.on('error', () => {}) // the status says the same, and comes always
    stream.on('status', (status) => events.closed(status.details || 'the core closed the connection'))
    return {
      tell: (others) => {
        events = others
      },
      send: (frames) => stream.write(frames),
      end: () => stream.end(),
      cancel: () => stream.cancel(),
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

  private dial(): Client {
    const { address, tls } = this.identity
    const named = tls?.serverName === undefined ? {} : { 'grpc.ssl_target_name_override': tls.serverName }
    return new Client(address, credentialsOf(tls), {
      ...named,
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
      'grpc.enable_http_proxy': 0,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 500,
    })
  }
}

function credentialsOf(tls: Tls | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure()
  return credentials.createSsl(tls.ca, tls.key ?? null, tls.certificate ?? null)
}

/** What cannot be read is a value as well: thrown here, it would end the stream before anybody could say why. */
function read(data: Buffer): SessionResponse | Error {
  try {
    return SessionResponse.decode(data)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
