import type { StreamConfig } from 'motia'

export const config: StreamConfig = {
  name: 'board',
  schema: { type: 'object' },
  baseConfig: { storageType: 'default' },
  presence: true,
  messages: { topic: 'board.said', schema: { type: 'object', required: ['text'] } },
  canAccess: ({ groupId }, auth) => groupId !== 'secret' || (auth as { user: string }).user === 'ada',
  canSend: async ({ message }) => message.type !== 'shout',
  onJoin: async ({ groupId }, { state }, auth) => {
    await state.update('joined', groupId, [{ type: 'increment', path: '' }])
    return { presence: { user: (auth as { user: string }).user } }
  },
  onLeave: ({ groupId }, { state }) => state.update('left', groupId, [{ type: 'increment', path: '' }]),
}
