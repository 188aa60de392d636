export const config = { type: 'event', name: 'wait javascript', subscribes: ['wait.javascript'], queue: { visibilityTimeout: 4 } }

export const handler = async ({ name, seconds }, { state, attempt }) => {
  const note = async (what) => {
    const entry = { what, attempt, pid: process.pid, at: Date.now() / 1000 }
    await state.set(`journal-${name}-javascript`, `${what} ${process.hrtime.bigint()}`, entry)
  }
  await note('start')
  await new Promise((resolve) => setTimeout(resolve, (seconds ?? 2) * 1000))
  await note('done')
}
