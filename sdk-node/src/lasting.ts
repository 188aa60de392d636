/** What lives longer than a session, and who goes on when one is over. */

import type { Welcome } from './gen/motia/v1/lifecycle.js'
import type { CoreFrame } from './gen/motia/v1/sidecar.js'
import type { Identity } from './identity.js'
import { Loading } from './loading.js'
import { Outbox } from './outbox.js'
import { Telemetry } from './telemetry.js'
import { type SessionStream, Transport } from './transport.js'

export interface Lasting {
  transport: Transport
  loading: Loading
  telemetry: Telemetry
}

export function makeLasting(identity: Identity): Lasting {
  const transport = new Transport(identity)
  const telemetry = new Telemetry((failed) => transport.openTelemetry(failed))
  return { transport, loading: new Loading(new Outbox(), identity), telemetry }
}

/** A session that the core has begun on a connection which was to resume another one. */
export interface Begun {
  stream: SessionStream
  welcome: Welcome
  rest: CoreFrame[]
}

/** Who goes on when a session is over. Without one the process leaves. */
export interface Next {
  welcomed(): void
  lost(reason: string, begun?: Begun): void
}
