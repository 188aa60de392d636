import { type CronConfig, type Handlers, isCronStep } from 'motia'

export const config: CronConfig = { type: 'cron', name: 'Night sweep', cron: '0 3 * * *', emits: ['seat.audit'] }

export const handler: Handlers['Night sweep'] = async ({ emit, streams, logger }) => {
  const all = await streams['seat-map'].getGroup('show')
  for (const { id, row, note } of all) await emit({ topic: 'seat.audit', data: { at: note ?? row }, messageGroupId: id })
  logger.info('swept', { isCron: isCronStep({ filePath: '', config }) })
  // @ts-expect-error a text
  await emit({ topic: 'seat.audit', data: { at: all[0]?.taken }, messageGroupId: 'x' })
}
