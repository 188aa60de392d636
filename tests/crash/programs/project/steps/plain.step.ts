import { interpret } from '../interpreter'

export const config = {
  type: 'event',
  name: 'PlainTypeScript',
  subscribes: ['plain.typescript'],
  emits: [],
  waitsFor: ['signal'],
  infrastructure: { queue: { maxRetries: 1000, retryDelay: 0.05 } },
}

export const handler = (input: any, ctx: any) => interpret(input, ctx, false)
