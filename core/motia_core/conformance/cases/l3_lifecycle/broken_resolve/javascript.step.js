import notThere from 'not-there'

export const config = { type: 'event', name: 'broken', subscribes: [], emits: [] }
notThere()
