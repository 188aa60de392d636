export const config = { type: 'api', name: 'prints javascript', method: 'GET', path: '/javascript/prints' }

export const handler = async () => {
  console.log('javascript prints this ü')
  console.error('javascript complains of that')
  return { status: 200, body: 'printed' }
}
