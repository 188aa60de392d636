export const config = { type: 'api', name: 'one', method: 'GET', path: '/visits/:name', emits: [] }
export const handler = async (req: any, { state }: any) => ({ status: 200, body: await state.get('visits', req.pathParams.name) })
