export const config = { type: 'event', name: 'no_data typescript', subscribes: ['no_data.typescript', 'no_data.typescript.zero'] }

export const handler = async (data, { state }) => {
  const entry = data === undefined ? { n: 1, absent: true } : { n: 2, zero: data === 0 }
  await state.set('journal-no_data-typescript', String(entry.n), entry)
}
