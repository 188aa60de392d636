/** What the environment says of the core: how to reach it, as whom, and whether this process was launched by it. */

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { createSecureContext } from 'node:tls'

export interface Identity {
  address: string
  token: string
  language: string
  sdkVersion: string
  /** Somebody else than the core runs this process. */
  isExternal: boolean
  /** For people. */
  name: string
  /** Without it the connection is plain TCP, or a unix socket. */
  tls?: Tls
}

export interface Tls {
  /** PEM: who may have signed the core's certificate. */
  ca: Buffer
  /** PEM: ours. */
  certificate?: Buffer
  key?: Buffer
  /** In the core's certificate, when it is not that of the address. */
  serverName?: string
}

/** Reads the variables, and removes the token before any user code runs; a text: what is wrong with them. */
export function readIdentity(env: NodeJS.ProcessEnv, sdkVersion: string): Identity | string {
  const { MOTIA_SIDECAR_ADDRESS: address, MOTIA_SIDECAR_TOKEN: token, MOTIA_SIDECAR_LANGUAGE: language } = env
  delete env.MOTIA_SIDECAR_TOKEN
  const isExternal = !['', '0', undefined].includes(env.MOTIA_SIDECAR_EXTERNAL)
  if (!address || !token || !(language || isExternal)) {
    const attach = 'to attach to a core elsewhere set MOTIA_SIDECAR_EXTERNAL=1, the address and the token'
    return `started without MOTIA_SIDECAR_ADDRESS, MOTIA_SIDECAR_TOKEN or MOTIA_SIDECAR_LANGUAGE; motia-core starts this process itself, and ${attach}`
  }
  const identity: Identity = { address, token, language: language || 'node', sdkVersion, isExternal, name: '' }
  if (!isExternal) return identity
  try {
    const tls = readTls(env)
    return { ...identity, name: env.MOTIA_SIDECAR_NAME || hostname(), ...(tls && { tls }) }
  } catch (error) {
    return (error as Error).message
  }
}

function readTls(env: NodeJS.ProcessEnv): Tls | undefined {
  const ca = readPem(env, 'MOTIA_SIDECAR_CA')
  const certificate = readPem(env, 'MOTIA_SIDECAR_CERT')
  const key = readPem(env, 'MOTIA_SIDECAR_KEY')
  if ((certificate === undefined) !== (key === undefined)) {
    throw new Error('MOTIA_SIDECAR_CERT and MOTIA_SIDECAR_KEY go together: set both, or none')
  }
  if (ca === undefined) {
    if (certificate === undefined) return undefined
    throw new Error("MOTIA_SIDECAR_CERT is for TLS, which needs MOTIA_SIDECAR_CA: who has signed the core's")
  }
  check(
    () => new X509Certificate(ca), // a context of an authority that is none is made all the same
    'MOTIA_SIDECAR_CA has no certificate that can be read',
  )
  check(
    () => createSecureContext({ ca, ...(certificate && key && { cert: certificate, key }) }),
    'MOTIA_SIDECAR_CERT and MOTIA_SIDECAR_KEY do not fit each other, or cannot be read',
  )
  const serverName = env.MOTIA_SIDECAR_SERVER_NAME
  return { ca, ...(certificate && key && { certificate, key }), ...(serverName && { serverName }) }
}

/** Does what gRPC does with the files, where it can still be said what is wrong with them. */
function check(use: () => unknown, what: string): void {
  try {
    use()
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`)
  }
}

function readPem(env: NodeJS.ProcessEnv, variable: string): Buffer | undefined {
  const path = env[variable]
  if (!path) return undefined
  let content: Buffer
  try {
    content = readFileSync(path)
  } catch (error) {
    throw new Error(`${variable} is ${path}, which cannot be read: ${(error as Error).message}`)
  }
  if (!content.includes('-----BEGIN')) throw new Error(`${variable} is ${path}, which is no PEM file`)
  return content
}
