export const config = { type: 'event', name: 'note javascript', subscribes: ['note.javascript'] }

export const handler = async ({ n }, { state }) => {
  await new Promise((resolve) => setTimeout(resolve, 1))
  await state.update('journal-note-javascript', String(n), [
    { type: 'set', path: '/n', value: n },
    { type: 'increment', path: '/times' },
  ])
}
