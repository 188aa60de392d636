export const config = { type: 'event', name: 'note typescript', subscribes: ['note.typescript'] }

export const handler = async ({ n }, { state }) => {
  await new Promise((resolve) => setTimeout(resolve, 1))
  await state.update('journal-note-typescript', String(n), [
    { type: 'set', path: '/n', value: n },
    { type: 'increment', path: '/times' },
  ])
}
