import axios from 'axios-like'

export const config = { type: 'api', name: 'undeclared', method: 'GET', path: '/undeclared', emits: [] }
export const handler = async () => ({ status: 200, body: await axios.get('/') })
