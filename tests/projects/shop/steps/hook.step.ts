export const config = { type: 'api', name: 'hook', method: 'POST', path: '/hooks/slack', emits: [], bodySchema: { type: 'object', required: ['never'] } }
export const handler = async (req: any) => ({ status: 425, body: [JSON.parse(req.body.payload).ok, req.params === undefined] })
