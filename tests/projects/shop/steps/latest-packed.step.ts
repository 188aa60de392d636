import fs from 'node:fs'

export const config: Handlers['latest'] = { type: 'api', name: 'latest', method: 'GET', path: '/packed/latest', emits: [] } as never
export const handler = async (req: any) => ({
  status: 200,
  headers: { 'content-type': 'text/plain' },
  body: `${fs.readFileSync('packed.log', 'utf8')} ${req.queryParams['hub.mode']}`,
})
