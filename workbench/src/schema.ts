/** Values to begin with, from JSON Schema. */

import type { Json, Schema } from './api'

const DEEPEST = 6
const FORMATS: Record<string, string> = {
  email: 'ada@example.com',
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
}

/** A value that is of the schema's shape, as far as that can be told. */
export function sample(schema: Schema | null | undefined, depth = 0): Json {
  if (!schema || depth > DEEPEST) return null
  const given = schema.const ?? schema.default ?? schema.example ?? schema.examples?.[0] ?? schema.enum?.[0]
  if (given !== undefined) return given
  const choice = schema.anyOf?.[0] ?? schema.oneOf?.[0]
  if (choice) return sample(choice, depth + 1)
  const type = Array.isArray(schema.type) ? schema.type.find((name) => name !== 'null') : schema.type
  switch (type ?? (schema.properties ? 'object' : '')) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, sample(inner, depth + 1)]),
      )
    case 'array':
      return schema.items ? [sample(schema.items, depth + 1)] : []
    case 'string':
      return FORMATS[schema.format ?? ''] ?? (schema.minLength ? 'text'.padEnd(schema.minLength, '.') : '')
    case 'integer':
    case 'number':
      return schema.minimum ?? (schema.exclusiveMinimum ?? -1) + 1
    case 'boolean':
      return false
    default:
      return null
  }
}

/** The names of the parameters in a route: `/orders/:id` has `id`. */
export const parameters = (route: string): string[] => [...route.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '')

/** The route with its parameters filled in. */
export const fill = (route: string, values: Record<string, string>): string =>
  route.replace(/:(\w+)(\([^)]*\))?[?*+]?/g, (_, name: string) => encodeURIComponent(values[name] ?? ''))
