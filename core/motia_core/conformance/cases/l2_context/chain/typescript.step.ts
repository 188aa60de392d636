export const config = { type: 'event', name: 'chain typescript', subscribes: ['chain.typescript'] }

export const handler = async (input, context) => {
  const { run, n, route: [topic, ...route] } = input
  await context.state.set(`journal-chain-${run}`, String(n), { n, lang: 'typescript', trace: context.traceId })
  if (topic) await context.emit({ topic, data: { run, n: n + 1, route } })
}
