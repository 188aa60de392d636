export const config = {
  name: 'hooked-typescript',
  schema: { type: 'object' },
  presence: true,
  messages: { topic: 'hooked.typescript' },
  canAccess: ({ groupId }: any) => {
    if (groupId === 'broken') throw new Error('it broke')
    return groupId === 'vague' ? 'yes' : groupId !== 'closed'
  },
  canSend: async ({ message }: any) => {
    if (message.type === 'break') throw new Error('it broke')
    return message.type === 'say'
  },
  onJoin: async ({ groupId }: any) =>
    groupId === 'unwanted' ? { unauthorized: true } : { presence: { from: 'typescript' } },
  onLeave: ({ streamName, groupId }: any, { state }: any) => state.set('journal-hooked-typescript', 'left', { streamName, groupId }),
}
