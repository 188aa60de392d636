export const config = { type: 'api', name: 'Change', method: 'PUT', path: '/change', emits: [] }
export const handler = async () => {
  throw new Error('never tell')
}
