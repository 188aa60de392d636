import twilio from 'twilio'

export const config = { type: 'event', name: 'Declared', subscribes: ['a'], emits: [] }
export const handler = async () => twilio()
