export const config = { type: 'event', name: 'default retries typescript', subscribes: ['defaults.typescript'], emits: [] }

export const handler = async (input, context) => {
  await context.state.set('journal-defaults-typescript', String(context.attempt), { n: context.attempt })
  if (context.attempt < 2) throw new Error('first')
}
