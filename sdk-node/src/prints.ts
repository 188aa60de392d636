/** What handlers print is marked with their attempt, so that the core can show it in its run (LAUNCH-8). */

import type { Context } from './context.js'
import { currentOrNone, followRunning } from './current.js'
import type { Invoke } from './gen/motia/v1/invoke.js'

const MARK = '\x1f'
const LONGEST_LINE = 16 * 1024 // what is longer is written in parts, as the core would cut it
const MARKED = [process.stdout, process.stderr]

interface Printing {
  mark: string
  /** Lines that were begun, by stream. */
  rests: Map<NodeJS.WriteStream, string>
  /** The attempt has ended: nobody will end a line any more. */
  isOver: boolean
}

let attempts: WeakMap<Context, Printing> | undefined
const writers = new Map<NodeJS.WriteStream, (text: string) => boolean>()

/** Marks what is written to the standard streams from now on. Costs a little for each promise. */
export function followPrints(): void {
  attempts = new WeakMap()
  followRunning()
  for (const stream of MARKED) follow(stream)
}

/** Does the work of an attempt, whose prints are its own. */
export function printing<T>(context: Context, invoke: Invoke, work: () => Promise<T>): Promise<T> {
  return attempts === undefined ? work() : marking(attempts, context, invoke, work)
}

async function marking<T>(
  attempts: WeakMap<Context, Printing>,
  context: Context,
  invoke: Invoke,
  work: () => Promise<T>,
): Promise<T> {
  const mine: Printing = {
    mark: `${MARK}${invoke.traceId}${MARK}${invoke.step}${MARK}`,
    rests: new Map(),
    isOver: false,
  }
  attempts.set(context, mine)
  try {
    return await work()
  } finally {
    mine.isOver = true
    for (const [stream, rest] of mine.rests) if (rest !== '') writers.get(stream)?.(`${mine.mark}${rest}\n`)
    mine.rests.clear()
  }
}

function follow(stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean
  writers.set(stream, write)
  stream.write = ((chunk: unknown, ...rest: unknown[]): boolean => {
    const context = typeof chunk === 'string' ? currentOrNone() : undefined
    const mine = context && attempts?.get(context)
    if (mine === undefined) return write(chunk, ...rest)
    if (mine.isOver && chunk === '\n') return write('', ...rest) // the line was ended already
    return write(marked(stream, chunk as string, mine), ...rest)
  }) as typeof stream.write
}

/** The lines that are complete now, marked; what is left is kept until it is. */
function marked(stream: NodeJS.WriteStream, text: string, { mark, rests, isOver }: Printing): string {
  const lines = ((rests.get(stream) ?? '') + text).split('\n')
  const last = lines.pop() as string
  const isWhole = isOver ? last !== '' : last.length > LONGEST_LINE
  if (isWhole) lines.push(last)
  rests.set(stream, isWhole ? '' : last)
  return lines.map((line) => `${mark}${line}\n`).join('')
}
