import OpenAi from 'openai-like'

const client = new OpenAi()
export const config = { type: 'event', name: 'declared two', subscribes: ['asked'], emits: [] }
export const handler = async () => client.ask()
