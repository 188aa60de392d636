export const config = { type: 'event', name: 'watcher typescript', watches: { stream: 'board', group: 'typescript-watched' } }

export const handler = async ({ id, event }, { state }) => {
  await state.set('journal-watches-typescript', id, { n: 1, type: event.type, text: event.data.text })
}
