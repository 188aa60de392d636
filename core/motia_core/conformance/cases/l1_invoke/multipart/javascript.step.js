export const config = { type: 'api', name: 'multipart javascript', method: 'POST', path: '/javascript/multipart', emits: [] }

const shown = async (file) => ({
  field: file.field,
  filename: file.filename,
  type: file.contentType,
  size: file.size,
  text: (await file.bytes()).subarray(0, 8).toString(),
  disk: file.path !== undefined,
})

export const handler = async (req) => {
  const files = await Promise.all((req.files ?? []).map(shown))
  return { status: 200, body: { body: req.body, raw: req.rawBody, files } }
}
