export const config = { type: 'event', name: 'nothing', subscribes: [], emits: [], flows: ['shop', 'other'] }
export const handler = async ({ body }: any) => ({ status: 200, body })
