export const config = {
  type: 'event',
  name: 'Count',
  subscribes: ['booking.confirmed'],
  emits: [],
  flows: ['bookings'],
}

export const handler = async (booking, { state }) => {
  await state.update('counts', 'bookings', [{ type: 'increment', path: '' }])
}
