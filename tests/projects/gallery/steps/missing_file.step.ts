import { price } from '../lib/prices'

export const config = { type: 'event', name: 'MissingFile', subscribes: ['a'], emits: [] }
export const handler = async () => price
