import type { EventConfig, FlowContext, MotiaStream, StreamMessage } from 'motia'

type Color = 'yellow' | 'pink' | 'blue' | 'green'
type Note = { text: string; color: Color; x: number; y: number; author: string }
type Context = FlowContext<{ topic: 'question.asked'; data: { board: string; question: string; author: string } }>

export const config: EventConfig = {
  type: 'event',
  name: 'BoardMessage',
  description: 'Does what somebody at a board did',
  flows: ['live-board'],
  subscribes: ['board.message'],
  emits: ['question.asked'],
  queue: { type: 'fifo' }, // a board's messages in their order
}

export const handler = async ({ type, groupId, id, data }: StreamMessage<Partial<Note>>, { emit, streams }: Context) => {
  const { notes } = streams as { notes: MotiaStream<Note> }
  const author = data?.author ?? 'somebody'
  switch (type) {
    case 'ask':
      return emit({ topic: 'question.asked', data: { board: groupId, question: data.text ?? '', author } })
    case 'remove':
      if (id !== undefined) await notes.delete(groupId, id)
      return
    case 'put': {
      if (id === undefined) return
      const old = await notes.get(groupId, id)
      const { text, color, x, y, author } = { text: '', color: 'yellow' as const, x: 0.5, y: 0.5, author: 'somebody', ...old, ...data }
      await notes.set(groupId, id, { text, color, x, y, author })
    }
  }
}
