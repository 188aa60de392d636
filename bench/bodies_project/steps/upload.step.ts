export const config = { type: 'api', name: 'upload ts', method: 'POST', path: '/ts/upload', emits: [] }

export const handler = async (req: any) => {
  let size = 0
  for await (const block of req.files[0].stream()) size += block.length
  return { status: 200, body: { size } }
}
