export const config = { type: 'api', name: 'bad typescript', method: 'GET', path: '/typescript/bad/:how', emits: [] }

export const handler = async (req) => {
  const { how } = req.pathParams
  if (how === 'exit') process.exit(1)
  if (how === 'die') process.abort()
  if (how === 'block') for (const end = Date.now() + 5000; Date.now() < end; );
  if (how === 'flood') for (let i = 0; i < 200_000; i++) console.log(i)
  return { status: 200, body: how }
}
