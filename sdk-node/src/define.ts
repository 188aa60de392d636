/** `step(config, handler)`: a step as a value, of which a file may export several. */

import { define, type StepDefinition } from './definition.js'

type Handler = NonNullable<StepDefinition['handler']>

/** A definition that is given its handler afterwards. */
export interface StepBuilder<TConfig> extends StepDefinition<TConfig> {
  handle(handler: Handler): StepDefinition<TConfig> & { readonly handler: Handler }
}

/** A step of the file that exports it: `export const cleanUp = step({ … }, handler)`, or `step({ … }).handle(handler)`. */
export function step<const TConfig extends object>(config: TConfig, handler?: Handler): StepBuilder<TConfig> {
  const definition = define(config, handler)
  const handle = (own: Handler) => define(config, own)
  return Object.defineProperty(definition, 'handle', { value: handle }) as StepBuilder<TConfig>
}
