export const config = { type: 'event', name: 'WireForget', subscribes: ['wire.forget'], emits: ['wire.done'] }

export const handler = async (_input, { emit }) => {
  emit({ topic: 'wire.done', data: {} })
}
