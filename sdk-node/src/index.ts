/** What `import … from 'motia'` gives: the errors, identity helpers for config files, and the types of a project. */

import type { Config } from './project-types.js'

export { MotiaError, RetryableError, TerminalError } from './errors.js'
export * from './project-types.js'
export type * from './types.js'

/** Returns its argument; gives motia.config.ts its type. */
export function config<T extends Config>(value: T): T {
  return value
}

export const defineConfig = config
