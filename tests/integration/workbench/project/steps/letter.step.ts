import type { NoopConfig } from 'motia'

export const config: NoopConfig = {
  type: 'noop',
  name: 'Letter',
  virtualSubscribes: ['letter.sent'],
  virtualEmits: [],
  flows: ['bookings'],
}
