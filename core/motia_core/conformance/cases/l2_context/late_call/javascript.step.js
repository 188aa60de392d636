export const config = { type: 'api', name: 'late_call javascript', method: 'POST', path: '/javascript/late_call' }

export const handler = async (req, { state }) => {
  setTimeout(async () => {
    try {
      await state.set('journal-late_call-javascript', 'late', { n: 1 })
      console.log('late call of javascript: made')
    } catch {
      console.log('late call of javascript: refused')
    }
  }, 300)
  return { status: 200, body: { ok: true } }
}
