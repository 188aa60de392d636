export const config = { type: 'api', name: 'watches typescript', method: 'POST', path: '/typescript/watches' }

export const handler = async (req, { streams }) => {
  await streams.board.set('typescript-unwatched', '1', { text: 'b' })
  await streams.board.set('typescript-watched', '1', { text: 'a' })
  return { status: 200 }
}
