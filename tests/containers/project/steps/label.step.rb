# frozen_string_literal: true

config = { type: 'event', name: 'Label', subscribes: ['parcel.packed'], emits: ['parcel.labelled'] }

def handler(parcel, context)
  context.emit(topic: 'parcel.labelled', data: { **parcel, through: [*parcel.through, 'ruby'] })
end
