import { enqueue, queue, stateManager, step } from 'motia'

interface Stock {
  id: string
  count: number
}

export const stepConfig = {
  name: 'TsShelve',
  triggers: [
    queue(
      'ts.received',
      {
        input: { type: 'object', properties: { sku: { type: 'string' } }, required: ['sku'] },
        config: { maxRetries: 1, backoffType: 'fixed', backoffDelayMs: 50, delaySeconds: 0, concurrency: 2 },
      },
      (goods) => goods.count > 0,
    ),
  ],
  enqueues: [],
  virtualEnqueues: ['ts.shelved'],
  flows: ['warehouse'],
}

export const { config, handler } = step(stepConfig, async (goods) => {
  const stock = await stateManager.get<Stock>('ts-stock', goods.sku)
  const done = await stateManager.set<Stock>('ts-stock', goods.sku, { id: goods.sku, count: (stock?.count ?? 0) + goods.count })
  await enqueue({ topic: 'ts.shelved', data: done })
})
