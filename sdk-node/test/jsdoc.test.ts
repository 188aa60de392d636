import { describe, expect, test } from 'vitest'
import { schemasOfJsdoc } from '../src/jsdoc.js'
import { load, project } from './project.js'

const event = (comment: string, more = '') =>
  schemasOfJsdoc(`${more}\n${comment}\nexport const handler = async (order, ctx) => {}`, 'event').input
const api = (comment: string) => schemasOfJsdoc(`${comment}\nexport async function handler(req, ctx) {}`, 'api')

describe('the JSDoc of a JavaScript step is a schema', () => {
  test.each([
    [
      '{{id: string, n?: number}} order',
      { type: 'object', properties: { id: { type: 'string' }, n: { type: 'number' } }, required: ['id'] },
    ],
    ['{string[]} names', { type: 'array', items: { type: 'string' } }],
    ['{Array<boolean>} flags', { type: 'array', items: { type: 'boolean' } }],
    ['{Record<string, number>} counts', { type: 'object', additionalProperties: { type: 'number' } }],
    ["{'a' | 'b' | null} letter", { anyOf: [{ const: 'a' }, { const: 'b' }, { type: 'null' }] }],
    ['{?string} name', { anyOf: [{ type: 'string' }, { type: 'null' }] }],
    ['{[string, number]} pair', { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] }],
    ['{{at: Date, any: *}} order', { type: 'object', properties: { at: {}, any: {} }, required: ['at', 'any'] }],
    [
      '{{a: string | undefined}} order',
      { type: 'object', properties: { a: { anyOf: [{ type: 'string' }] } }, required: [] },
    ],
  ])('%s', (param, schema) => {
    expect(event(`/** @param ${param} */`)).toEqual(schema)
  })

  test('type definitions are followed, those that contain themselves once', () => {
    const definitions = `
/**
 * @typedef {object} Line
 * @property {string} sku
 * @property {number} [quantity]
 */
/** @typedef {{ lines: Line[], parent?: Order }} Order */`
    const line = {
      type: 'object',
      properties: { sku: { type: 'string' }, quantity: { type: 'number' } },
      required: ['sku'],
    }
    expect(event('/** @param {Order} order */', definitions)).toEqual({
      type: 'object',
      properties: { lines: { type: 'array', items: line }, parent: {} },
      required: ['lines'],
    })
  })

  test('the types of motia name what they take', () => {
    const id = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] }
    expect(event(`/** @type {import('motia').EventHandler<{id: string}>} */`)).toEqual(id)
    expect(api(`/** @type {import('motia').ApiRouteHandler<{id: string}>} */`)).toEqual({ bodySchema: id })
    expect(api(`/** @param {import('motia').ApiRequest<{id: string}>} req */`)).toEqual({ bodySchema: id })
    expect(api(`/** @param {{body: {id: string}, queryParams: {page: number}}} req */`)).toEqual({
      bodySchema: id,
      querySchema: { type: 'object', properties: { page: { type: 'number' } }, required: ['page'] },
    })
  })

  test.each([
    '/** Does it. */',
    '/** @param {not a type!} x */',
    '/** @param order */',
    '/** @param {any} x */',
    '',
    '/** @type {import("motia").Handlers["X"]} */',
  ])('%s says nothing', (comment) => {
    expect(event(comment)).toBeUndefined()
  })

  test('a schema in the config comes first, and TypeScript has its own types', async () => {
    const step = (config: string) =>
      `export const config = { type: 'event', name: 'A', subscribes: []${config} }\n/** @param {{id: string}} order */\nexport const handler = async (order) => {}\n`
    const files = {
      'steps/a.step.js': step(''),
      'steps/b.step.js': step(', input: { type: "object" }'),
      'steps/c.step.ts': step(''),
    }
    const loaded = await load(await project({ 'package.json': '{"type":"module"}', ...files }), ...Object.keys(files))
    const found = loaded.map((result) => result.step?.config.input)
    expect(found).toEqual([
      { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
      { type: 'object' },
      undefined,
    ])
  })
})
