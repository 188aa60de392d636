export const config = { type: 'event', name: 'atomic run javascript', subscribes: ['atomic_run.javascript'], emits: [], atomic: true }

export const handler = async (input, { emit, run, state }) => {
  const writes = {
    emit: () => emit({ topic: 'nobody.listens', data: {} }),
    set: () => state.set('atomic_run', 'javascript', 1),
    update: () => state.update('atomic_run', 'javascript', [{ type: 'increment', path: '' }]),
    compareAndSet: () => state.compareAndSet('atomic_run', 'javascript', 0, 1),
    delete: () => state.delete('atomic_run', 'javascript'),
    clear: () => state.clear('atomic_run'),
  }
  const refused = []
  for (const [name, write] of Object.entries(writes)) {
    await run(name, write).catch((error) => {
      if (error.message.includes('outside of run()')) refused.push(name)
    })
  }
  const read = await run('read', async () => ((await state.get('atomic_run', 'javascript')) ? 'something' : 'nothing'))
  await state.set('journal-atomic_run-javascript', '1', { n: 1, read, refused })
}
