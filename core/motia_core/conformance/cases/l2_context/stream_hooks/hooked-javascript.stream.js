export const config = {
  name: 'hooked-javascript',
  schema: { type: 'object' },
  presence: true,
  messages: { topic: 'hooked.javascript' },
  canAccess: ({ groupId }) => {
    if (groupId === 'broken') throw new Error('it broke')
    return groupId === 'vague' ? 'yes' : groupId !== 'closed'
  },
  canSend: async ({ message }) => {
    if (message.type === 'break') throw new Error('it broke')
    return message.type === 'say'
  },
  onJoin: async ({ groupId }) =>
    groupId === 'unwanted' ? { unauthorized: true } : { presence: { from: 'javascript' } },
  onLeave: ({ streamName, groupId }, { state }) => state.set('journal-hooked-javascript', 'left', { streamName, groupId }),
}
