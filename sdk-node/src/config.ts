/** What motia.config.ts may say, and the identity functions that give it its type. */

import type { StreamAuthConfig } from './project-types.js'
import type { ApiMiddleware } from './types.js'

// biome-ignore lint/suspicious/noExplicitAny: an Express app, of the version that the project has, if it has one
type ExpressApp = any

export interface Config {
  /** Is given an Express app, which is asked before any step; what it does not answer goes on to the steps. */
  app?: (app: ExpressApp) => void | Promise<void>
  /** For all api steps in TypeScript and JavaScript; the first is the outermost. */
  // biome-ignore lint/suspicious/noExplicitAny: each step has types of its own
  middleware?: ApiMiddleware<any, any, any>[]
  /** Settings of flows: their middleware comes between that of all steps and a step's own. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  flows?: Record<string, { middleware?: ApiMiddleware<any, any, any>[] }>
  /** Who is a client of streams? */
  streamAuth?: StreamAuthConfig
  /** Keys of 0.x that do nothing here. */
  adapters?: object
  plugins?: unknown[]
  redis?: object
}

/** Returns its argument. */
export function config<T extends Config>(value: T): T {
  return value
}

export const defineConfig = config
