export const config = { type: 'api', name: 'Chain1', path: '/chain', method: 'POST', emits: ['chain.2'] }
export const handler = async (req: any, { emit }: any) => {
  await emit({ topic: 'chain.2', data: req.body })
  return { status: 202, body: { ok: true } }
}
