/** A cron expression in words, where it is a common one. */

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

export function cronWords(expression: string): string {
  const fields = expression.trim().split(/\s+/)
  if (fields.length === 6) {
    const [second = '', ...others] = fields
    if (second === '0') return cronWords(others.join(' '))
    const seconds = second === '*' ? '1' : /^\*\/(\d+)$/.exec(second)?.[1]
    if (!seconds || others.some((field) => field !== '*')) return ''
    return seconds === '1' ? 'every second' : `every ${seconds} seconds`
  }
  if (fields.length !== 5) return ''
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  const isAny = day === '*' && month === '*'
  const every = /^\*\/(\d+)$/
  if (isAny && weekday === '*' && hour === '*') {
    if (minute === '*') return 'every minute'
    const step = every.exec(minute)
    if (step) return `every ${step[1]} minutes`
    if (/^\d+$/.test(minute)) return `every hour, at minute ${minute}`
  }
  if (!/^\d+$/.test(minute)) return ''
  const steps = every.exec(hour)
  if (steps && isAny && weekday === '*') return `every ${steps[1]} hours, at minute ${minute}`
  if (!/^\d+$/.test(hour)) return ''
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
  if (isAny && weekday === '*') return `every day at ${time}`
  if (isAny && weekday === '1-5') return `from Monday to Friday at ${time}`
  if (isAny && /^\d$/.test(weekday)) return `every ${DAYS[Number(weekday)]} at ${time}`
  if (/^\d+$/.test(day) && month === '*' && weekday === '*') return `on day ${day} of each month at ${time}`
  return ''
}
