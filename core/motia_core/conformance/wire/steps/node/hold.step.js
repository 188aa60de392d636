export const config = { type: 'event', name: 'WireHold', subscribes: ['wire.hold'], emits: [] }

export const handler = async (_input, { state }) => {
  await state.get('wire', 'gate')
}
