export const config = { type: 'event', name: 'fifo javascript', subscribes: ['fifo.javascript'], emits: [], infrastructure: { queue: { type: 'fifo' } } }

export const handler = async (input, context) => {
  const key = `javascript-${input.group}`
  const order = [...((await context.state.get('fifo', key)) ?? []), input.n]
  await new Promise((resolve) => setTimeout(resolve, input.n % 2 ? 20 : 0))
  await context.state.set('fifo', key, order)
  await context.state.set('journal-fifo-javascript', input.group, { n: input.group.charCodeAt(0), order })
}
