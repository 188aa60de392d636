export const config = { type: 'api', name: 'side_by_side javascript', method: 'GET', path: '/javascript/side_by_side' }

export const handler = async () => {
  await new Promise((resolve) => setTimeout(resolve, 500))
  return { status: 200, body: { waited: true } }
}
