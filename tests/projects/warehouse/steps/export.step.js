import { http } from 'motia'

const count = async ({ response }, _ctx, next) => {
  await response.headers({ 'x-before': 'yes' })
  return next()
}

const flag = async ({ request }, _ctx, next) => {
  request.body.flagged = true
  return next()
}

export const config = {
  name: 'JsExport',
  triggers: [http('POST', '/js/export', { middleware: [count, flag] })],
  enqueues: [],
}

export const handler = async ({ request, response }) => {
  response.status(206)
  response.headers({ 'content-type': 'text/plain' })
  for await (const piece of request.requestBody.stream) response.stream.write(piece)
  response.stream.write('|')
  response.stream.write(String(request.body.flagged))
  response.close()
}
