/** Questions about triggers, and about configs with triggers (Motia 1.0). */

import type {
  CronTrigger,
  HttpTrigger,
  QueueTrigger,
  StateTrigger,
  StreamTrigger,
  TriggerConfig,
} from './triggered-types.js'

interface WithTriggers {
  config: { triggers?: readonly TriggerConfig[] }
}

export const isApiTrigger = (trigger: TriggerConfig): trigger is HttpTrigger => trigger.type === 'http'
export const isQueueTrigger = (trigger: TriggerConfig): trigger is QueueTrigger => trigger.type === 'queue'
export const isCronTrigger = (trigger: TriggerConfig): trigger is CronTrigger => trigger.type === 'cron'
export const isStateTrigger = (trigger: TriggerConfig): trigger is StateTrigger => trigger.type === 'state'
export const isStreamTrigger = (trigger: TriggerConfig): trigger is StreamTrigger => trigger.type === 'stream'

const triggersOf = ({ config }: WithTriggers): readonly TriggerConfig[] => config.triggers ?? []

export const getApiTriggers = (step: WithTriggers): HttpTrigger[] => triggersOf(step).filter(isApiTrigger)
export const getQueueTriggers = (step: WithTriggers): QueueTrigger[] => triggersOf(step).filter(isQueueTrigger)
export const getCronTriggers = (step: WithTriggers): CronTrigger[] => triggersOf(step).filter(isCronTrigger)
export const getStateTriggers = (step: WithTriggers): StateTrigger[] => triggersOf(step).filter(isStateTrigger)
export const getStreamTriggers = (step: WithTriggers): StreamTrigger[] => triggersOf(step).filter(isStreamTrigger)

export const isQueueStep = (step: WithTriggers): boolean => triggersOf(step).some(isQueueTrigger)
export const isStateStep = (step: WithTriggers): boolean => triggersOf(step).some(isStateTrigger)
export const isStreamStep = (step: WithTriggers): boolean => triggersOf(step).some(isStreamTrigger)
