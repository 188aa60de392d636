import { TerminalError } from 'motia'

export const config = { type: 'event', name: 'terminal typescript', subscribes: ['terminal.typescript'], emits: [] }

export const handler = async (input, context) => {
  throw new TerminalError('never again')
}
