export const config = { type: 'api', name: 'file', method: 'GET', path: '/visits/file.bin', emits: [] }
export const handler = async () => {
  const body = Buffer.from([0, 255, 1])
  return { status: 200, headers: { 'Content-Type': 'application/zip', 'Content-Length': String(body.length) }, body }
}
