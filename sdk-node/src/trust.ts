/** Finds out why no TLS connection comes about: gRPC does not always say. */

import { setTimeout as pause } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import type { Identity, Tls } from './identity.js'

const CONNECT_MS = 5000
const ANSWER_MS = 2000 // for the core's first byte, which gRPC sends at once
const AGAIN_MS = 500 // a core that is shutting down closes connections as well
const UNREACHABLE = /^(ECONN|EHOST|ENET|ENOTFOUND|EAI_|ETIMEDOUT|EPIPE)/

/** Why core and sidecar do not trust each other, and what to do; undefined: that is not it. */
export async function mistrust({ address, tls }: Identity): Promise<string | undefined> {
  if (tls === undefined) return undefined
  const why = await look(address, tls)
  if (why === undefined) return undefined
  await pause(AGAIN_MS)
  return (await look(address, tls)) === why ? why : undefined
}

function look(address: string, tls: Tls): Promise<string | undefined> {
  const at = address.lastIndexOf(':')
  const host = address.slice(0, at).replace(/^\[|\]$/g, '')
  const servername = tls.serverName ?? host
  return new Promise((resolve) => {
    const { ca, certificate, key } = tls
    const options = { host, port: Number(address.slice(at + 1)), ca, ALPNProtocols: ['h2'] }
    const named = /^[\d.]+$|:/.test(servername) ? {} : { servername } // an address is not sent
    const socket: TLSSocket = connect({ ...options, ...named, ...(certificate && key && { cert: certificate, key }) })
    const settle = (why: string | undefined) => {
      socket.destroy()
      resolve(why)
    }
    socket.setTimeout(CONNECT_MS, () => settle(undefined))
    socket.on('secureConnect', () => socket.setTimeout(ANSWER_MS))
    socket.on('data', () => settle(undefined))
    socket.on('end', () => settle(notAccepted(tls)))
    socket.on('error', (error: NodeJS.ErrnoException) => settle(said(error, address, servername, tls)))
  })
}

function said(error: NodeJS.ErrnoException, address: string, name: string, tls: Tls): string | undefined {
  const code = error.code ?? ''
  if (code === 'ECONNRESET' || UNREACHABLE.test(code)) return undefined // gRPC says so
  if (code === 'CERT_HAS_EXPIRED') return 'the certificate of the core has expired: renew its sidecars.tls_cert'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const instead = 'dial a name that is in it, or say which one is in MOTIA_SIDECAR_SERVER_NAME'
    return `the certificate of the core is not for ${name}: ${instead}`
  }
  if (/wrong version number|unknown protocol|packet length too long/i.test(error.message)) {
    const instead = 'set its sidecars.tls_cert and sidecars.tls_key, or leave out MOTIA_SIDECAR_CA'
    return `the core does not speak TLS at ${address}: ${instead}`
  }
  if (/alert/i.test(code + error.message)) return notAccepted(tls)
  return `the certificate of the core is not trusted (${error.message}): MOTIA_SIDECAR_CA must be who has signed its sidecars.tls_cert`
}

function notAccepted({ certificate }: Tls): string {
  if (certificate === undefined) {
    return 'the core wants to see a certificate: set MOTIA_SIDECAR_CERT and MOTIA_SIDECAR_KEY to one that its sidecars.tls_client_ca has signed'
  }
  return 'the core does not accept the certificate of this sidecar: MOTIA_SIDECAR_CERT must be one that its sidecars.tls_client_ca has signed, and must not have expired'
}
