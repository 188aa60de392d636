export const config = { type: 'event', name: 'watcher javascript', watches: { stream: 'board', group: 'javascript-watched' } }

export const handler = async ({ id, event }, { state }) => {
  await state.set('journal-watches-javascript', id, { n: 1, type: event.type, text: event.data.text })
}
