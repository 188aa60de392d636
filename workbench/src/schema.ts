/** What a JSON Schema says about values: of which kind they are, and one to begin with. */

import type { Json, Schema } from './api'

const DEEPEST = 6
const FORMATS: Record<string, string> = {
  email: 'ada@example.com',
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
}

/** The schema that is meant: what `$ref` names within `root`, and of several choices the first that is not null. */
export function resolved(schema: Schema, root: Schema, depth = 0): Schema {
  if (depth > DEEPEST) return {}
  if (schema.$ref?.startsWith('#/')) {
    let found: unknown = root
    for (const part of schema.$ref.slice(2).split('/'))
      found = (found as Record<string, unknown> | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')]
    const { $ref: _, ...beside } = schema
    return { ...(found ? resolved(found as Schema, root, depth + 1) : {}), ...beside }
  }
  const choices = schema.anyOf ?? schema.oneOf
  const choice = choices?.find(({ type }) => type !== 'null') ?? choices?.[0]
  if (!choice) return schema
  const { anyOf: _, oneOf: __, ...beside } = schema
  return { ...resolved(choice, root, depth + 1), ...beside }
}

export type Kind = 'object' | 'array' | 'string' | 'number' | 'boolean' | ''

/** Of what kind its values are; '' when it does not say, or they are of several kinds. */
export function kindOf({ type, properties, enum: values }: Schema): Kind {
  const [one = '', ...more] = Array.isArray(type) ? type.filter((name) => name !== 'null') : [type ?? '']
  if (more.length > 0) return ''
  if (one === 'integer') return 'number'
  if (['object', 'array', 'string', 'number', 'boolean'].includes(one)) return one as Kind
  return properties ? 'object' : values ? 'string' : ''
}

/** Whether all that it has can be given in fields for words, numbers and choices. */
export function isFlat(schema: Schema, root: Schema): boolean {
  return Object.values(schema.properties ?? {}).every((inner) => {
    const one = resolved(inner, root)
    return Boolean(one.enum) || ['string', 'number', 'boolean'].includes(kindOf(one))
  })
}

/** A value that is of the schema's shape, as far as that can be told. */
export function sample(given: Schema | null | undefined, root = given, depth = 0): Json {
  if (!given || depth > DEEPEST) return null
  const schema = resolved(given, root ?? given)
  const named = schema.const ?? schema.default ?? schema.example ?? schema.examples?.[0] ?? schema.enum?.[0]
  if (named !== undefined) return named
  switch (kindOf(schema)) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, sample(inner, root, depth + 1)]),
      )
    case 'array':
      return schema.items ? [sample(schema.items, root, depth + 1)] : []
    case 'string':
      return FORMATS[schema.format ?? ''] ?? (schema.minLength ? 'text'.padEnd(schema.minLength, '.') : '')
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
