export const config = { type: 'event', name: 'wait javascript', subscribes: ['wait.javascript'], emits: [], waitsFor: ['wait.answer.javascript'] }

export const handler = async ({ n, waits, timeout, late }, context) => {
  await context.state.set('journal-wait-began-javascript', String(n), { n })
  if (late) await new Promise((resolve) => setTimeout(resolve, 300))
  const match = { n, order: { ok: true } }
  const answers = []
  for (let i = 0; i < waits; i++) {
    const answer = await context.waitFor('wait.answer.javascript', match, timeout)
    answers.push(answer?.by ?? 'nobody')
  }
  await context.state.set('journal-wait-javascript', String(n), { n, answers, attempt: context.attempt })
}
