export const config = {
  type: 'event',
  name: 'Deliver',
  subscribes: ['parcel.labelled'],
  emits: [],
}

export const handler = async (parcel, { state }) => {
  await state.set('delivered', parcel.id, { ...parcel, through: [...parcel.through, 'javascript'] })
}
