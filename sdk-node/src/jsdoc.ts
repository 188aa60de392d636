/** Schemas from the JSDoc of a JavaScript step: what `@param`, `@type` and `@typedef` say its handler takes. */

import { parse as parseComments } from 'comment-parser'
import { parse as parseType } from 'jsdoc-type-pratt-parser'

type Json = Record<string, unknown>
type Node = ReturnType<typeof parseType>
type Blocks = ReturnType<typeof parseComments>

const HANDLER =
  /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\s*(?:export\s+)?(?:const|let|var|async\s+function|function|exports\.|module\.exports\.)\s*handler\b/
const GIVES: Record<string, string> = { EventHandler: 'input', ApiRouteHandler: 'bodySchema' } // first type argument
const PLACES = { body: 'bodySchema', queryParams: 'querySchema', pathParams: 'pathSchema' } as const

/** Schemas by the config key that they belong under; empty when the JSDoc says nothing that can be used. */
export function schemasOfJsdoc(source: string, type: unknown): Json {
  const comment = HANDLER.exec(source)?.[1]
  if (comment === undefined) return {}
  const types = new Types(parseComments(source))
  for (const tag of parseComments(comment)[0]?.tags ?? []) {
    if (tag.tag !== 'param' && tag.tag !== 'type') continue
    const node = types.parse(tag.type)
    if (node === undefined) return {}
    if (tag.tag === 'type') return only(GIVES[nameOf(node)], type, types.argument(node))
    return type === 'event' ? only('input', type, types.schema(node)) : requestSchemas(types, node)
  }
  return {}
}

function only(key: string | undefined, type: unknown, schema: Json | undefined): Json {
  const isOfType = key === (type === 'event' ? 'input' : 'bodySchema')
  return isOfType && schema !== undefined && Object.keys(schema).length > 0 ? { [key]: schema } : {}
}

function requestSchemas(types: Types, node: Node): Json {
  if (nameOf(node) === 'ApiRequest') return only('bodySchema', 'api', types.argument(node))
  const properties = types.schema(node).properties as Record<string, Json> | undefined
  const found: Json = {}
  for (const [place, key] of Object.entries(PLACES)) {
    const schema = properties?.[place]
    if (schema !== undefined && Object.keys(schema).length > 0) found[key] = schema
  }
  return found
}

/** `EventHandler` of `import('motia').EventHandler<Order>`. */
function nameOf(node: Node): string {
  if (node.type === 'JsdocTypeGeneric') return nameOf(node.left)
  if (node.type === 'JsdocTypeNamePath') return String((node.right as { value?: unknown }).value ?? '')
  return node.type === 'JsdocTypeName' ? node.value : ''
}

/** The types of one file. */
class Types {
  private readonly definitions = new Map<string, () => Json>()
  private readonly open = new Set<string>()

  constructor(blocks: Blocks) {
    for (const { tags } of blocks) {
      const definition = tags.find(({ tag }) => tag === 'typedef')
      if (definition === undefined) continue
      const properties = tags.filter(({ tag }) => tag === 'property' || tag === 'prop')
      this.definitions.set(definition.name, () =>
        properties.length > 0
          ? objectOf(properties.map((tag) => [tag.name, this.of(tag.type), tag.optional]))
          : this.of(definition.type),
      )
    }
  }

  parse(text: string): Node | undefined {
    try {
      return parseType(text, 'typescript')
    } catch {
      return undefined
    }
  }

  /** Of the first type argument. */
  argument(node: Node): Json | undefined {
    return node.type === 'JsdocTypeGeneric' && node.elements[0] !== undefined
      ? this.schema(node.elements[0])
      : undefined
  }

  /** What is not known allows everything. */
  schema(node: Node): Json {
    switch (node.type) {
      case 'JsdocTypeName':
        return this.named(node.value)
      case 'JsdocTypeNull':
        return { type: 'null' }
      case 'JsdocTypeStringValue':
        return { const: node.value }
      case 'JsdocTypeNumber':
        return { const: node.value }
      case 'JsdocTypeParenthesis':
      case 'JsdocTypeNotNullable':
      case 'JsdocTypeOptional':
        return this.schema(node.element as Node)
      case 'JsdocTypeNullable':
        return { anyOf: [this.schema(node.element as Node), { type: 'null' }] }
      case 'JsdocTypeUnion':
        return {
          anyOf: node.elements.filter((one) => one.type !== 'JsdocTypeUndefined').map((one) => this.schema(one)),
        }
      case 'JsdocTypeObject':
        return this.object(node)
      case 'JsdocTypeTuple':
        return { type: 'array', prefixItems: node.elements.map((one) => this.schema(one as Node)) }
      case 'JsdocTypeGeneric':
        return this.generic(nameOf(node), node.elements)
      default:
        return {}
    }
  }

  private of(text: string): Json {
    const node = this.parse(text)
    return node === undefined ? {} : this.schema(node)
  }

  private named(name: string): Json {
    if (['string', 'number', 'boolean', 'object'].includes(name.toLowerCase())) return { type: name.toLowerCase() }
    if (name === 'Array') return { type: 'array' }
    if (name === 'true' || name === 'false') return { const: name === 'true' }
    const define = this.definitions.get(name)
    if (define === undefined || this.open.has(name)) return {} // a type that contains itself is not followed further
    this.open.add(name)
    const schema = define()
    this.open.delete(name)
    return schema
  }

  private generic(name: string, [first, second]: Node[]): Json {
    const [item, value] = [first, second].map((node) => (node === undefined ? {} : this.schema(node)))
    if (name === 'Array' || name === 'ReadonlyArray') return { type: 'array', items: item }
    if (name === 'Record' || name === 'Object') return { type: 'object', additionalProperties: value }
    if (name === 'Partial') return { ...item, required: [] }
    return {}
  }

  private object(node: Extract<Node, { type: 'JsdocTypeObject' }>): Json {
    const fields: [string, Json, boolean][] = []
    for (const field of node.elements) {
      if (field.type !== 'JsdocTypeObjectField' || typeof field.key !== 'string') continue
      const right = field.right
      const allowsNothing =
        right?.type === 'JsdocTypeUnion' && right.elements.some((one) => one.type === 'JsdocTypeUndefined')
      fields.push([field.key, right === undefined ? {} : this.schema(right), field.optional || allowsNothing])
    }
    return objectOf(fields)
  }
}

function objectOf(fields: [name: string, schema: Json, isOptional: boolean][]): Json {
  const required = fields.filter(([, , isOptional]) => !isOptional).map(([name]) => name)
  return { type: 'object', properties: Object.fromEntries(fields), required }
}
