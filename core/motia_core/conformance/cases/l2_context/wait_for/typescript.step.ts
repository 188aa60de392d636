export const config = { type: 'event', name: 'wait typescript', subscribes: ['wait.typescript'], emits: [], waitsFor: ['wait.answer.typescript'] }

export const handler = async ({ n, waits, timeout, late }, context) => {
  await context.state.set('journal-wait-began-typescript', String(n), { n })
  if (late) await new Promise((resolve) => setTimeout(resolve, 300))
  const match = { n, order: { ok: true } }
  const answers = []
  for (let i = 0; i < waits; i++) {
    const answer = await context.waitFor('wait.answer.typescript', { match, timeout })
    answers.push(answer?.by ?? 'nobody')
  }
  await context.state.set('journal-wait-typescript', String(n), { n, answers, attempt: context.attempt })
}
