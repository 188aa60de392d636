export const config = { type: 'event', name: 'no_data javascript', subscribes: ['no_data.javascript', 'no_data.javascript.zero'] }

export const handler = async (data, { state }) => {
  const entry = data === undefined ? { n: 1, absent: true } : { n: 2, zero: data === 0 }
  await state.set('journal-no_data-javascript', String(entry.n), entry)
}
