export const config = { type: 'event', name: 'chain typescript', subscribes: ['chain.typescript'], emits: [] }

export const handler = async (input, context) => {
  await context.state.set(`journal-chain-${input.run}`, 'typescript', { n: input.n, lang: 'typescript', trace: context.traceId })
  await context.emit({ topic: 'chain.python', data: { ...input, n: input.n + 1 } })
}
