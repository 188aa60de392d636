import { z } from 'zod'

export enum Topic {
  Booked = 'visit.booked',
  Reminded = 'visit.reminded',
}

export const visitSchema = z.object({ name: z.string(), day: z.number().int().min(1).max(31) })
export type Visit = z.infer<typeof visitSchema>
