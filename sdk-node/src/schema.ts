/** Schemas of a project as JSON Schema: zod 4, zod 3, JSON Schema itself, standard schemas, and whatever has toJSON. */

import { createRequire } from 'node:module'

type Json = Record<string, unknown>
interface Zod4 {
  toJSONSchema(schema: unknown, options: Json): Json
}

/** The schema as JSON Schema, or a sentence that says why it is none. `file` is where zod is looked for. */
export async function toJsonSchema(schema: unknown, file: string): Promise<{ schema?: unknown; warning?: string }> {
  if (schema === null || schema === undefined) return {}
  if (typeof schema !== 'object' && typeof schema !== 'function') {
    return { warning: `a schema must be a zod type or a JSON Schema object, not ${JSON.stringify(schema)}` }
  }
  try {
    if ('_zod' in schema) return await fromZod4(schema, file)
    const typeName = (schema as { _def?: { typeName?: unknown } })._def?.typeName
    if (typeof typeName === 'string') return { schema: await fromZod3(schema) }
    const standard = (schema as { '~standard'?: { jsonSchema?: { input?: unknown } } })['~standard']
    if (typeof standard?.jsonSchema?.input === 'function') {
      return { schema: strip(standard.jsonSchema.input({ target: 'draft-2020-12' }) as Json) }
    }
    if (typeof (schema as { toJSON?: unknown }).toJSON === 'function')
      return { schema: (schema as { toJSON(): unknown }).toJSON() }
    if (typeof schema === 'function')
      return { warning: `a schema must be a zod type or a JSON Schema object, not a function` }
    return { schema }
  } catch (error) {
    return {
      warning: `the schema cannot be expressed as JSON Schema: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}

async function fromZod4(schema: unknown, file: string): Promise<{ schema?: unknown; warning?: string }> {
  const zod = projectZod(file)
  if (zod === undefined) return { warning: 'the schema is of zod 4, but no zod 4 was found from this file' }
  try {
    return { schema: strip(zod.toJSONSchema(schema, { target: 'draft-7', io: 'input' })) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const loose = zod.toJSONSchema(schema, { target: 'draft-7', io: 'input', unrepresentable: 'any' })
    return { schema: strip(loose), warning: `a part of the schema is not enforced: ${why}` }
  }
}

/** The project's own zod 4: the one that made the schema, or one that reads it as well. */
function projectZod(file: string): Zod4 | undefined {
  const require = createRequire(file)
  for (const name of ['zod', 'zod/v4']) {
    try {
      const zod = require(name) as Partial<Zod4> & { z?: Partial<Zod4> }
      if (typeof zod.toJSONSchema === 'function') return zod as Zod4
      if (typeof zod.z?.toJSONSchema === 'function') return zod.z as Zod4
    } catch {
      // not installed under this name
    }
  }
  return undefined
}

async function fromZod3(schema: unknown): Promise<Json> {
  const { zodToJsonSchema } = await import('zod-to-json-schema')
  // Only `.strict()` refuses keys that it does not know; zod drops them elsewhere.
  const options = { $refStrategy: 'root', effectStrategy: 'input', removeAdditionalStrategy: 'strict' } as const
  return strip(zodToJsonSchema(schema as never, { ...options, postProcess: withoutDropped as never }) as Json)
}

/** Nothing is said of keys that zod drops, so that types tell such objects from `.passthrough()`. */
function withoutDropped(json: Json | undefined, def: { unknownKeys?: unknown }): Json | undefined {
  if (def.unknownKeys !== 'strip' || json?.additionalProperties !== true) return json
  const { additionalProperties: _, ...rest } = json
  return rest
}

function strip({ $schema, ...schema }: Json): Json {
  return schema
}
