import { enqueue, stateManager } from 'motia'

export const config = {
  name: 'JsShelve',
  triggers: [
    {
      type: 'queue',
      topic: 'js.received',
      condition: (goods) => goods.count > 0,
      config: { maxRetries: 1, backoffType: 'fixed', backoffDelayMs: 50 },
    },
  ],
  enqueues: [],
  virtualEnqueues: ['js.shelved'],
  flows: ['warehouse'],
}

export const handler = async (goods) => {
  const stock = await stateManager.get('js-stock', goods.sku)
  const done = await stateManager.set('js-stock', goods.sku, { id: goods.sku, count: (stock?.count ?? 0) + goods.count })
  await enqueue({ topic: 'js.shelved', data: done })
}
