export const config = { type: 'api', name: 'watches javascript', method: 'POST', path: '/javascript/watches' }

export const handler = async (req, { streams }) => {
  await streams.board.set('javascript-unwatched', '1', { text: 'b' })
  await streams.board.set('javascript-watched', '1', { text: 'a' })
  return { status: 200 }
}
