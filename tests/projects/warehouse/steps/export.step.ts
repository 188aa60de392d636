import { type HttpMiddleware, http, type MotiaHttpArgs } from 'motia'

const count: HttpMiddleware = async ({ response }, _ctx, next) => {
  await response.headers({ 'x-before': 'yes' })
  return next()
}

const flag: HttpMiddleware = async ({ request }, _ctx, next) => {
  request.body.flagged = true
  return next()
}

export const config = {
  name: 'TsExport',
  triggers: [http('POST', '/ts/export', { middleware: [count, flag] })],
  enqueues: [],
}

export const handler = async ({ request, response }: MotiaHttpArgs) => {
  await response.status(206)
  await response.headers({ 'content-type': 'text/plain' })
  for await (const piece of request.requestBody.stream) response.stream.write(piece)
  response.stream.write('|')
  response.stream.write(String(request.body.flagged))
  await response.close()
}
