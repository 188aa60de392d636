export const config = { type: 'api', name: 'works', method: 'GET', path: '/works', emits: ['asked'] }
export const handler = async (_req: any, { emit }: any) => {
  await emit({ topic: 'asked', data: {} })
  return { status: 200, body: 'works' }
}
