export const config = { type: 'event', name: 'chain javascript', subscribes: ['chain.javascript'], emits: [] }

export const handler = async (input, context) => {
  await context.state.set(`journal-chain-${input.run}`, 'javascript', { n: input.n, lang: 'javascript', trace: context.traceId })
  await context.emit({ topic: 'chain.end', data: { ...input, n: input.n + 1 } })
}
