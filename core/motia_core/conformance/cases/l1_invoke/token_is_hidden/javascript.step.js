export const config = { type: 'api', name: 'token javascript', method: 'GET', path: '/javascript/token_is_hidden' }

export const handler = async () => {
  const token = process.env.MOTIA_SIDECAR_TOKEN ?? ''
  return { status: 200, body: { token, languages: Boolean(process.env.CONFORMANCE_LANGUAGES) } }
}
