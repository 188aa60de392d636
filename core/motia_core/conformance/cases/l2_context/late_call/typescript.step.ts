export const config = { type: 'api', name: 'late_call typescript', method: 'POST', path: '/typescript/late_call' }

export const handler = async (req, { state }) => {
  setTimeout(async () => {
    try {
      await state.set('journal-late_call-typescript', 'late', { n: 1 })
      console.log('late call of typescript: made')
    } catch {
      console.log('late call of typescript: refused')
    }
  }, 300)
  return { status: 200, body: { ok: true } }
}
