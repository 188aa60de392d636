import type { NoopConfig } from 'motia'

export const config: NoopConfig = {
  type: 'noop',
  name: '{{Name}}',
  description: 'Something outside that the flow waits for',
  virtualSubscribes: [],
  virtualEmits: [],
  flows: ['{{flow}}'],
}
