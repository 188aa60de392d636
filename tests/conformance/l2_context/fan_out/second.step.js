export const config = { type: 'event', name: 'fan second', subscribes: ['fan.python', 'fan.typescript', 'fan.javascript'], emits: [] }

export const handler = async (input, { state, ...context }) => {
  const marker = await state.getGroup('nothing')
  const groups = ['python', 'typescript', 'javascript']
  for (const lang of groups) await state.set(`journal-fan-${lang}`, 'b', { n: 2, who: 'b', data: marker.length ? null : input })
}
