/** The sidecar process: reads its environment, guards the process against user code, and runs the session. */

import { createRequire } from 'node:module'
import { guardExit, leaveProcess } from './exit-guard.js'
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
  const { MOTIA_SIDECAR_ADDRESS: address, MOTIA_SIDECAR_TOKEN: token, MOTIA_SIDECAR_LANGUAGE: language } = process.env
  delete process.env.MOTIA_SIDECAR_TOKEN // before any user code runs
  if (!address || !token || !language) {
    console.error(
      'motia: started without MOTIA_SIDECAR_ADDRESS, MOTIA_SIDECAR_TOKEN or MOTIA_SIDECAR_LANGUAGE; motia-core starts this process itself',
    )
    return leaveProcess(2)
  }
  const { version } = require('../package.json') as { version: string }
  watchStdin()
  if (process.env.MOTIA_SIDECAR_MARKS === 'always') followPrints()
  guardExit()
  guardStrays()
  const leave = (code: number, message?: string): void => {
    if (message !== undefined) process.stderr.write(`motia: ${message}\n`)
    leaveProcess(code)
  }
  new Session({ address, token, language, sdkVersion: version }, leave).connect()
}

main()
