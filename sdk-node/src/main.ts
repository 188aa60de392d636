/** The sidecar process: reads its environment, guards the process against user code, and runs the session. */

import { createRequire } from 'node:module'
import { Attaching } from './attaching.js'
import { guardExit, leaveProcess } from './exit-guard.js'
import { readIdentity } from './identity.js'
import { makeLasting } from './lasting.js'
import { followPrints } from './prints.js'
import { Session } from './session.js'
import { guardStrays } from './strays.js'

const require = createRequire(import.meta.url)

/** The core holds the other end of stdin: when it is gone, nobody needs this process any more. */
function watchStdin(): void {
  process.stdin.on('end', () => leaveProcess(1))
  process.stdin.on('error', () => leaveProcess(1))
  process.stdin.resume()
}

function main(): void {
  const { version } = require('../package.json') as { version: string }
  const identity = readIdentity(process.env, version)
  if (typeof identity === 'string') {
    console.error(`motia: ${identity}`)
    return leaveProcess(2)
  }
  if (!identity.isExternal) watchStdin()
  if (process.env.MOTIA_SIDECAR_MARKS === 'always') followPrints()
  guardExit()
  guardStrays()
  const leave = (code: number, message?: string): void => {
    if (message !== undefined) process.stderr.write(`motia: ${message}\n`)
    leaveProcess(code)
  }
  const lasting = makeLasting(identity)
  if (!identity.isExternal) return new Session(identity, lasting, leave).connect()
  const attaching = new Attaching(identity, lasting, leave)
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => attaching.leave())
  attaching.start()
}

main()
