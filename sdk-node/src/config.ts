/** What motia.config.ts may say, and the identity functions that give it its type. */

// biome-ignore lint/suspicious/noExplicitAny: an Express app, of the version that the project has, if it has one
type ExpressApp = any

export interface Config {
  /** Is given an Express app, which is asked before any step; what it does not answer goes on to the steps. */
  app?: (app: ExpressApp) => void | Promise<void>
  /** Keys of 0.x that do nothing here. */
  adapters?: object
  plugins?: unknown[]
  redis?: object
  streamAuth?: object
}

/** Returns its argument. */
export function config<T extends Config>(value: T): T {
  return value
}

export const defineConfig = config
