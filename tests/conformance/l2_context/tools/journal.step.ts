export const config = { type: 'api', name: 'ToolsJournal', method: 'GET', path: '/tools/journal/:name', emits: [] }

export const handler = async (req, { state }) => {
  const entries = await state.getGroup(`journal-${req.pathParams.name}`)
  return { status: 200, body: entries.sort((a, b) => a.n - b.n) }
}
