export const config = {
  type: 'event',
  name: 'block javascript',
  subscribes: ['block.javascript'],
  infrastructure: { handler: { timeout: 1 }, queue: { retryDelay: 0, visibilityTimeout: 4 } },
}

export const handler = async (_data, { state, attempt }) => {
  const note = async (what) => {
    const entry = { what, attempt, pid: process.pid, at: Date.now() / 1000 }
    await state.set('journal-block-javascript', `${what} ${process.hrtime.bigint()}`, entry)
  }
  const isFirst = (await state.getGroup('journal-block-javascript')).length === 0
  await note('start')
  if (isFirst) for (;;);
  await note('done')
}
