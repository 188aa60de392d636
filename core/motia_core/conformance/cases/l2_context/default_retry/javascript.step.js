export const config = { type: 'event', name: 'default retries javascript', subscribes: ['defaults.javascript'], emits: [] }

export const handler = async (input, context) => {
  await context.state.set('journal-defaults-javascript', String(context.attempt), { n: context.attempt })
  if (context.attempt < 2) throw new Error('first')
}
