export const config = { type: 'event', name: 'WireCalls', subscribes: ['wire.calls'], emits: ['wire.done'] }

export const handler = async (input, { emit, logger, state }) => {
  logger.info('wire')
  await state.set('wire', 'value', input)
  const value = await state.get('wire', 'value')
  await emit({ topic: 'wire.done', data: value })
}
