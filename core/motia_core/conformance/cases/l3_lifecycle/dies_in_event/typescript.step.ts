export const config = { type: 'event', name: 'die typescript', subscribes: ['die.typescript'] }

export const handler = async (_data, { state, attempt }) => {
  const note = async (what) => {
    const entry = { what, attempt, pid: process.pid, at: Date.now() / 1000 }
    await state.set('journal-die-typescript', `${what} ${process.hrtime.bigint()}`, entry)
  }
  const isFirst = (await state.getGroup('journal-die-typescript')).length === 0
  await note('start')
  const held = []
  while (isFirst) held.push(new Array(100_000).fill(held.length)) // out of memory
  await note('done')
}
