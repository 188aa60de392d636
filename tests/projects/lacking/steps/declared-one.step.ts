import OpenAi from 'openai-like'

const client = new OpenAi()
export const config = { type: 'event', name: 'declared one', subscribes: ['asked'], emits: [] }
export const handler = async () => client.ask()
