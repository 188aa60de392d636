export const config = {
  type: 'event',
  name: 'late javascript',
  subscribes: ['late.javascript'],
  infrastructure: { handler: { timeout: 1 }, queue: { maxRetries: 0 } },
}

export const handler = async (_data, { state, attempt }) => {
  await new Promise((resolve) => setTimeout(resolve, 3000)) // whatever the signal says
  await state.set('journal-late-javascript', 'late', { what: 'late', attempt, pid: process.pid, at: Date.now() / 1000 })
}
