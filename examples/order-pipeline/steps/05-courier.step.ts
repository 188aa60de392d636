import type { NoopConfig } from 'motia'

/** What happens outside: shown in the flow, never run. */
export const config: NoopConfig = {
  type: 'noop',
  name: 'Courier',
  description: 'The courier picks the order up',
  virtualSubscribes: ['courier.called'],
  virtualEmits: [],
  flows: ['orders'],
}
