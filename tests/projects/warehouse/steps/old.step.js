/** A step of 0.x among them: it hears what a step of 1.0 enqueues. */

export const config = { type: 'event', name: 'Old', subscribes: ['ts.received', 'py.received'], emits: [], flows: ['warehouse'] }

export const handler = async (goods, { state }) => {
  await state.set('old-log', `${goods.sku}`, goods)
}
