export const config = { type: 'api', name: 'prints typescript', method: 'GET', path: '/typescript/prints' }

export const handler = async () => {
  console.log('typescript prints this ü')
  console.error('typescript complains of that')
  return { status: 200, body: 'printed' }
}
