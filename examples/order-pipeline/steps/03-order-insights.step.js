/** Keeps a running total per product. */
exports.config = {
  type: 'event',
  name: 'OrderInsights',
  description: 'Counts what sells',
  subscribes: ['order.priced'],
  emits: [{ topic: 'insights.ready', label: 'totals are up to date' }],
  flows: ['orders'],
  // One order at a time: the totals are read and written.
  infrastructure: { queue: { type: 'fifo' } },
}

exports.handler = async (order, { emit, logger, state }) => {
  for (const { product, quantity, price } of order.lines) {
    const sold = (await state.get('insights', product)) ?? { product, quantity: 0, revenue: 0 }
    sold.quantity += quantity
    sold.revenue += quantity * price
    await state.set('insights', product, sold)
  }
  logger.info('Insights updated', { products: order.lines.length })
  await emit({ topic: 'insights.ready', data: { id: order.id, customer: order.customer, total: order.total } })
}
