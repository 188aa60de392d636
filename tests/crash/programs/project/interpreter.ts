/** Does what a program says, as interpreter.py does. */

import { TerminalError } from 'motia'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Once, by the step's transaction or by a key that can be written once. */
async function add(ctx: any, atomic: boolean, name: string, counter: string, by: number) {
  if (atomic) await ctx.state.update('atomic', counter, [{ type: 'increment', path: '', by }])
  else await ctx.state.compareAndSet(`plain:${counter}`, name, 0, by)
}

/** At least once, against others who do the same. */
async function bump(ctx: any, _atomic: boolean, _name: string, counter: string) {
  for (;;) {
    const { value, version } = await ctx.state.getVersioned('bumped', counter)
    if ((await ctx.state.compareAndSet('bumped', counter, version, (value ?? 0) + 1)).ok) return
  }
}

async function emit(ctx: any, atomic: boolean, _name: string, program: any) {
  const event = { topic: program.topic, data: program }
  await ctx.emit(atomic ? event : { ...event, idempotencyKey: program.id })
}

/** The result is the same for ever, whoever asks. */
async function run(ctx: any, _atomic: boolean, name: string) {
  const result = await ctx.run(name, () => Math.floor(Math.random() * 2 ** 32))
  const written = await ctx.state.compareAndSet('results', name, 0, result)
  if (!written.ok && (await ctx.state.get('results', name)) !== result)
    await ctx.state.set('violations', name, 'another result of a run that was remembered')
}

async function wait(ctx: any, _atomic: boolean, name: string, tag: string) {
  const answer = await ctx.waitFor('signal', { match: { tag }, key: name })
  if (answer?.tag !== tag) await ctx.state.set('violations', name, `waited for ${tag}, got ${JSON.stringify(answer)}`)
}

const operations: Record<string, (ctx: any, atomic: boolean, name: string, ...rest: any[]) => Promise<unknown>> = {
  add,
  bump,
  emit,
  run,
  wait,
  sleep: (ctx, _atomic, name, ms: number) => ctx.sleep(ms, { key: name }),
  wait_a_little: (ctx, _atomic, name, tag: string, ms: number) =>
    ctx.waitFor('signal', { match: { tag }, timeout: ms, key: name }),
  work: (_ctx, _atomic, _name, ms: number) => pause(ms),
  fail: async (ctx, _atomic, _name, times: number) => {
    if (ctx.attempt <= times) throw new Error(`attempt ${ctx.attempt} of ${times} that are to fail`)
  },
  give_up: async () => {
    throw new TerminalError('not again')
  },
}

export async function interpret(program: any, ctx: any, atomic: boolean) {
  for (const [index, [operation, ...rest]] of program.do.entries())
    await operations[operation](ctx, atomic, `${program.id}.${index}`, ...rest)
}
