import axios from 'axios'

export const config = { type: 'event', name: 'Undeclared', subscribes: ['a'], emits: [] }
export const handler = async () => axios.get('http://127.0.0.1')
