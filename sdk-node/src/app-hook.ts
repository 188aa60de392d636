/** Serves the Express app that motia.config's `app` hook set up, on a private socket, for the core to ask first. */

import { rmSync } from 'node:fs'
import { chmod, mkdtemp, readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { arrive, isFromCore, pass } from './app-request.js'

const MAX_HEADER_BYTES = 128 * 1024 // the core lets 64 KiB in, and adds some of its own

export interface AppServer {
  address: string
  /** Takes no new requests, and resolves when the running ones have ended; after the grace they are cut off. */
  close(graceMs: number): Promise<void>
}

/** What of an Express app is used; the same in Express 4 and 5. */
interface ExpressApp {
  handle(req: IncomingMessage, res: ServerResponse, done: (error?: unknown) => void): void
  get(setting: string): unknown
}

interface Express {
  create: () => ExpressApp
  /** Ends what nobody answered: an error page, as Express itself does. */
  finish: (req: IncomingMessage, res: ServerResponse, options: object) => (error?: unknown) => void
}

export async function serveApp(hook: Function, projectRoot: string, coreAddress: string): Promise<AppServer> {
  const express = await findExpress(projectRoot)
  const app = express.create()
  await hook(app)
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, requireHostHeader: false })
  // The core is the only client: it has checked the requests, and closes the connections itself.
  Object.assign(server, { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0, timeout: 0 })
  server.on('request', (req, res) => ask(app, express, req, res, false))
  server.on('checkContinue', (req, res) => ask(app, express, req, res, true))
  const path = join(await socketFolder(coreAddress), `app-${process.pid}.sock`)
  await listen(server, path)
  await chmod(path, 0o600)
  return { address: `unix://${path}`, close: (graceMs) => close(server, graceMs) }
}

/** Lets the app see a request; what it does not answer goes back to the core. */
function ask(
  app: ExpressApp,
  { finish }: Express,
  req: IncomingMessage,
  res: ServerResponse,
  isBodyAwaited: boolean,
): void {
  if (!isFromCore(req)) {
    res.writeHead(400).end('only motia-core may ask here\n')
    return
  }
  const arrival = arrive(req, res, isBodyAwaited)
  const env = app.get('env')
  const onerror = (error: unknown) => {
    if (env !== 'test') console.error((error as Error | undefined)?.stack || String(error))
  }
  app.handle(req, res, (error) => {
    if (error) finish(req, res, { env, onerror })(error)
    else pass(req, res, arrival)
  })
}

/** The project's own Express when its package.json names it, else the one of this SDK: what 0.x gave. */
async function findExpress(projectRoot: string): Promise<Express> {
  const manifest = join(projectRoot, 'package.json')
  const require = createRequire(import.meta.url)
  const ours = require.resolve('express')
  const path = (await declares(manifest)) ? resolved(manifest) : undefined
  return {
    create: require(path ?? ours) as Express['create'],
    finish: createRequire(ours)('finalhandler') as Express['finish'],
  }
}

async function declares(manifest: string): Promise<boolean> {
  try {
    const { dependencies, devDependencies } = JSON.parse(await readFile(manifest, 'utf8')) as Record<string, object>
    return 'express' in { ...dependencies, ...devDependencies }
  } catch {
    return false // none, or one that npm would complain about
  }
}

function resolved(manifest: string): string | undefined {
  try {
    return createRequire(manifest).resolve('express')
  } catch {
    return undefined // named but not installed
  }
}

/** A folder that only this user can enter: the one of the core's socket, if it has one. */
async function socketFolder(address: string): Promise<string> {
  if (address.startsWith('unix://')) return dirname(address.slice('unix://'.length))
  const folder = await mkdtemp(join(tmpdir(), 'motia-app-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cutOff = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearTimeout(cutOff)
      resolve()
    })
    server.closeIdleConnections()
  })
}
