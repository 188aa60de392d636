const at = (method: string, path: string) => ({ type: 'api', name: `${method} ${path}`, method, path, emits: [] })

export const config = at('POST', '/:area/look')
export const handler = async (req: { rawBody: unknown }) => ({
  status: 200,
  headers: { 'X-Content-Type-Options': 'its own' },
  body: { ...req, rawBody: String(req.rawBody).slice(0, 200) },
})
