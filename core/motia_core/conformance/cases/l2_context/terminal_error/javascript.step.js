import { TerminalError } from 'motia'

export const config = { type: 'event', name: 'terminal javascript', subscribes: ['terminal.javascript'], emits: [] }

export const handler = async (input, context) => {
  throw new TerminalError('never again')
}
