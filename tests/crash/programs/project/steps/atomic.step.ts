import { interpret } from '../interpreter'

export const config = {
  type: 'event',
  name: 'AtomicTypeScript',
  subscribes: ['atomic.typescript'],
  emits: [],
  waitsFor: ['signal'],
  atomic: true,
  infrastructure: { queue: { maxRetries: 1000, retryDelay: 0.05 } },
}

export const handler = (input: any, ctx: any) => interpret(input, ctx, true)
