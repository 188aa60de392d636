/** Operations as Motia 1.0 writes them, in our words: there a path is one literal key, here a JSON pointer. */

export type UpdateOp =
  | { type: 'set'; path?: string | readonly string[]; value: unknown }
  | { type: 'merge'; path?: string | readonly string[]; value: unknown }
  | { type: 'append'; path?: string | readonly string[]; value: unknown }
  | { type: 'increment' | 'decrement'; path?: string | readonly string[]; by?: number }
  | { type: 'remove'; path?: string | readonly string[] }

/** The same in our words; `decrement` becomes an increment. */
export function toOwnOperations(ops: readonly UpdateOp[]): unknown[] {
  return ops.map((op) => {
    const path = pointer(op.path)
    return op.type === 'decrement' ? { ...op, type: 'increment', by: -(op.by ?? 1), path } : { ...op, path }
  })
}

function pointer(path: string | readonly string[] | undefined): string {
  if (path === undefined || path === '') return ''
  const keys = typeof path === 'string' ? [path] : path
  return keys.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
