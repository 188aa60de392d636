export const config = { type: 'event', name: 'die javascript', subscribes: ['die.javascript'] }

export const handler = async (_data, { state, attempt }) => {
  const note = async (what) => {
    const entry = { what, attempt, pid: process.pid, at: Date.now() / 1000 }
    await state.set('journal-die-javascript', `${what} ${process.hrtime.bigint()}`, entry)
  }
  const isFirst = (await state.getGroup('journal-die-javascript')).length === 0
  await note('start')
  const held = []
  while (isFirst) held.push(new Array(100_000).fill(held.length)) // out of memory
  await note('done')
}
