import { EventConfig, Handlers } from 'motia'
import fs from 'fs'
import path from 'path'
import { Topic } from '@workshop/types'

const template = fs.readFileSync(path.join(__dirname, '../../templates/reminder.mustache'), 'utf8')

export const config: EventConfig = {
  type: 'event',
  name: 'remind',
  subscribes: [Topic.Booked].map((topic) => topic),
  emits: [Topic.Reminded],
  input: null as never,
  includeFiles: ['../../templates/reminder.mustache'],
}

export const handler: Handlers['remind'] = async ({ name, day }: any, { state }: any) => {
  const text = template.trim().replace('{{name}}', name).replace('{{day}}', String(day))
  await state.set('reminders', name, text)
  await state.set('reminders', 'count', ((await state.get('reminders', 'count')) ?? 0) + 1)
}
