/** What files of Motia 1.0 import to reach its engine, in whose place the core is. */

import { MotiaError } from './errors.js'

/** In 1.0: connects to the engine. The core has started this process and is connected, so there is nothing to do. */
export function initIII(_otel?: unknown): void {}

/** In 1.0: the connection to the engine, which is not there. */
export function getInstance(): never {
  throw new MotiaError(
    'getInstance() is the connection to the engine of Motia 1.0, which motia-core does not have: ' +
      'use enqueue, stateManager and Stream of motia, or a step',
    'not_available',
  )
}
