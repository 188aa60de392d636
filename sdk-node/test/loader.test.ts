import { describe, expect, test } from 'vitest'
import { type Loaded, load, project, run } from './project.js'

const CONFIG = `export const config = { type: 'api', name: 'A', path: '/a', method: 'GET', emits: [] }\n`
const returns = (expression: string) => `${CONFIG}export const handler = async () => (${expression})\n`
const MODULE = JSON.stringify({ type: 'module' })
const COMMONJS = JSON.stringify({ name: 'p' })

describe('module systems', () => {
  const everywhere = { module: { 'package.json': MODULE }, commonjs: { 'package.json': COMMONJS }, none: {} }
  for (const [name, base] of Object.entries(everywhere)) {
    test.concurrent(`${name}: imports without extension, of directories and of JSON`, async () => {
      const result = await run({
        ...base,
        'steps/a.step.ts': `import { b } from '../lib/b'\nimport d from '../lib'\nimport data from '../data.json'\n${returns('[b, d, data.n]')}`,
        'lib/b.ts': `export const b: string = 'b'`,
        'lib/index.ts': `export default 'index'`,
        'data.json': `{"n":1}`,
      })
      expect(result).toEqual(['b', 'index', 1])
    })

    test.concurrent(`${name}: __dirname, __filename, require and import.meta are those of the source`, async () => {
      const files = {
        ...base,
        'steps/a.step.ts': `const fs = require('node:fs')\n${returns(`[__dirname, __filename, fs.readFileSync(__dirname + '/x.txt', 'utf8')]`)}`,
        'steps/x.txt': 'text',
      }
      const root = await project(files)
      const [result] = await load(root, 'steps/a.step.ts')
      expect(result?.returned).toEqual([`${root}/steps`, `${root}/steps/a.step.ts`, 'text'])
    })

    test.concurrent(`${name}: import.meta.url`, async () => {
      const root = await project({ ...base, 'steps/a.step.ts': returns('import.meta.url') })
      const [result] = await load(root, 'steps/a.step.ts')
      expect(String(result?.returned).split('?')[0]).toBe(`file://${root}/steps/a.step.ts`)
    })

    test.concurrent(`${name}: top-level await`, async () => {
      const files = {
        ...base,
        'steps/a.step.ts': `import { b } from '../lib/b'\nconst value = await Promise.resolve(b)\n${returns('value')}`,
        'lib/b.ts': `export const b = 7`,
      }
      expect(await run(files)).toBe(7)
    })

    test.concurrent(`${name}: JavaScript with ES module syntax`, async () => {
      const files = {
        ...base,
        'steps/a.step.js': `import { b } from '../lib/b'\n${returns('b')}`,
        'lib/b.js': `export const b = 'b'`,
      }
      expect(await run(files, 'steps/a.step.js')).toBe('b')
    })

    test.concurrent(`${name}: two steps share one instance of a helper`, async () => {
      const root = await project({
        ...base,
        'steps/a.step.ts': `import { seen } from '../lib/seen'\n${returns('++seen.n')}`,
        'steps/b.step.js': `import { seen } from '../lib/seen'\n${returns('++seen.n')}`,
        'lib/seen.ts': `export const seen = { n: 0 }`,
      })
      const results = await load(root, 'steps/a.step.ts', 'steps/b.step.js')
      expect(results.map((result) => result.returned)).toEqual([1, 2])
    })
  }

  test.concurrent('CommonJS exports', async () => {
    const source = `exports.config = { type: 'event', name: 'A', subscribes: [] }\nexports.handler = async () => 'cjs'\n`
    expect(await run({ 'steps/a.step.js': source }, 'steps/a.step.js')).toBe('cjs')
    const whole = `module.exports = { config: { type: 'event', name: 'A', subscribes: [] }, handler: async () => 'whole' }`
    expect(await run({ 'steps/a.step.js': whole }, 'steps/a.step.js')).toBe('whole')
  })

  test.concurrent('default export of both', async () => {
    const source = `export default { config: { type: 'event', name: 'A', subscribes: [] }, handler: async () => 'default' }`
    expect(await run({ 'steps/a.step.ts': source, 'package.json': MODULE })).toBe('default')
    expect(await run({ 'steps/a.step.ts': source })).toBe('default')
  })

  test.concurrent('file names with spaces, digits and dashes', async () => {
    expect(await run({ 'steps/02 data-collection.step.ts': returns('1') }, 'steps/02 data-collection.step.ts')).toBe(1)
  })

  test.concurrent('enums and parameter properties', async () => {
    const source = `enum Topic { A = 'a' }\nclass P { constructor(private x: number) {} get(): number { return this.x } }\n${returns('[Topic.A, new P(2).get()]')}`
    expect(await run({ 'steps/a.step.ts': source })).toEqual(['a', 2])
  })

  test.concurrent('tsconfig paths', async () => {
    const tsconfig = JSON.stringify({ compilerOptions: { baseUrl: '.', paths: { '@/*': ['./src/*'] } } })
    const files = {
      'tsconfig.json': tsconfig,
      'steps/a.step.ts': `import { b } from '@/b'\n${returns('b')}`,
      'src/b.ts': `export const b = 'aliased'`,
    }
    expect(await run(files)).toBe('aliased')
    expect(await run({ ...files, 'package.json': MODULE })).toBe('aliased')
  })

  test.concurrent('a naive catch-all path falls through to packages', async () => {
    const files = {
      'tsconfig.json': JSON.stringify({ compilerOptions: { baseUrl: '.', paths: { '*': ['*'] } } }),
      'node_modules/dep/package.json': JSON.stringify({ name: 'dep', main: 'index.js' }),
      'node_modules/dep/index.js': `exports.x = 'dep'`,
      'steps/a.step.ts': `import { x } from 'dep'\nimport path from 'path'\n${returns('[x, typeof path.join]')}`,
    }
    expect(await run(files)).toEqual(['dep', 'function'])
  })

  test.concurrent('a workspace package whose main is TypeScript', async () => {
    const files = {
      'packages/types/package.json': JSON.stringify({ name: '@x/types', main: './index.ts' }),
      'packages/types/index.ts': `export const t: string = 'ts'`,
      'steps/a.step.ts': `import { t } from '@x/types'\n${returns('t')}`,
    }
    const root = await project(files)
    const { mkdir, symlink } = await import('node:fs/promises')
    await mkdir(`${root}/node_modules/@x`, { recursive: true })
    await symlink(`${root}/packages/types`, `${root}/node_modules/@x/types`)
    const [result] = await load(root, 'steps/a.step.ts')
    expect(result?.returned).toBe('ts')
  })
})

describe('our own modules', () => {
  for (const [name, base] of Object.entries({ module: { 'package.json': MODULE }, commonjs: {} })) {
    test.concurrent(`${name}: motia is this SDK, whatever is installed`, async () => {
      const files = {
        ...base,
        'node_modules/motia/package.json': JSON.stringify({ name: 'motia', main: 'index.js' }),
        'node_modules/motia/index.js': `throw new Error('the other one')`,
        'steps/a.step.ts': `import { EventStepConfig, TerminalError, config as same } from 'motia'\n${returns(`[same(1), new TerminalError('x').name]`)}`,
      }
      expect(await run(files)).toEqual([1, 'TerminalError'])
    })

    test.concurrent(`${name}: @motiadev packages have stand-ins for import and require`, async () => {
      const files = {
        ...base,
        'steps/a.step.ts': `import { RedisStateAdapter } from '@motiadev/adapter-redis-state'\nimport plugin from '@motiadev/plugin-logs/plugin'\nconst other = require('@motiadev/plugin-states/plugin')\n${returns('[typeof new RedisStateAdapter({}), typeof plugin(), typeof other(), typeof other.default()]')}`,
      }
      expect(await run(files)).toEqual(['object', 'object', 'object', 'object'])
    })
  }
})

describe('several steps in one file', () => {
  const event = (name: string) =>
    `step({ type: 'event', name: '${name}', subscribes: ['t'], emits: [] }, async () => '${name}')`
  const described = (result: Loaded | undefined) =>
    result?.steps?.map(({ key, config, line }) => [key, config.name, line])

  for (const [name, base] of Object.entries({
    module: { 'package.json': MODULE },
    commonjs: { 'package.json': COMMONJS },
  })) {
    test.concurrent(`${name}: each exported definition is a step, in the order of the file`, async () => {
      const source = `import { step } from 'motia'\nexport const second = ${event('A')}\nexport const first = ${event('B')}\nexport const other = 1`
      const [result] = await load(await project({ ...base, 'steps/a.step.ts': source }), 'steps/a.step.ts')
      expect(described(result)).toEqual([
        ['second', 'A', 2],
        ['first', 'B', 3],
      ])
    })
  }

  test.concurrent('module.exports', async () => {
    const source = `const { step } = require('motia')\nconst one = ${event('A')}\nconst two = ${event('B')}\nmodule.exports = { one, two }`
    const [result] = await load(await project({ 'steps/a.step.js': source }), 'steps/a.step.js')
    expect(described(result)).toEqual([
      ['one', 'A', 2],
      ['two', 'B', 3],
    ])
  })

  test.concurrent('a handler beside other steps makes no step of the file', async () => {
    const own = `import { step } from 'motia'\nexport const handler = async () => 'A'\n`
    const without = `${own}export const one = ${event('A')}`
    const taken = `${own}export const config = { type: 'event', subscribes: ['t'], emits: [], name: 'A' }\nexport const one = step(config, handler)`
    const root = await project({ 'steps/a.step.ts': without, 'steps/b.step.ts': taken })
    const [first, second] = await load(root, 'steps/a.step.ts', 'steps/b.step.ts')
    expect(described(first)).toEqual([['one', 'A', 3]])
    expect(described(second)).toEqual([['one', 'A', 4]])
  })

  test.concurrent('config and handler that are taken out of a definition are the step that is the file', async () => {
    const source = `import { step } from 'motia'\n\nexport const { config, handler } = ${event('A')}`
    const [result] = await load(await project({ 'steps/a.step.ts': source }), 'steps/a.step.ts')
    expect(described(result)).toEqual([['', 'A', 3]])
    expect(result?.returned).toBe('A')
  })

  test.concurrent('a definition as the default export is the step that is the file', async () => {
    const source = `import { step } from 'motia'\nexport default ${event('A')}`
    const [result] = await load(await project({ 'steps/a.step.ts': source }), 'steps/a.step.ts')
    expect(described(result)).toEqual([['', 'A', 2]])
  })
})

describe('builders and triggers', () => {
  const described = (result: Loaded | undefined) =>
    result?.steps?.map(({ key, trigger, isApi, middlewareCount, config }) => ({
      key,
      trigger,
      isApi,
      middlewareCount,
      config,
    }))

  for (const [name, base] of Object.entries({
    module: { 'package.json': MODULE },
    commonjs: { 'package.json': COMMONJS },
  })) {
    test.concurrent(`${name}: builders are steps with the config that they were given`, async () => {
      const source = [
        "import { api, cron, event } from 'motia'",
        "export const one = api('GET', '/one', { flows: ['f'] }).handle(async () => 1)",
        "export const two = event('t', { name: 'Two' }).handle(async () => 2)",
        'export const three = event({ watches: { state: true } }).handle(async () => 3)',
        "export const four = cron('0 9 * * *', { timezone: 'UTC' }).handle(async () => 4)",
        "export const trigger = api('GET', '/two')",
      ].join('\n')
      const [result] = await load(await project({ ...base, 'steps/a.step.js': source }), 'steps/a.step.js')
      const common = { trigger: 0, middlewareCount: 0 }
      expect(described(result)).toEqual([
        {
          ...common,
          key: 'one',
          isApi: true,
          config: { emits: [], type: 'api', method: 'GET', path: '/one', flows: ['f'] },
        },
        { ...common, key: 'two', isApi: false, config: { emits: [], type: 'event', subscribes: ['t'], name: 'Two' } },
        { ...common, key: 'three', isApi: false, config: { emits: [], type: 'event', watches: { state: true } } },
        {
          ...common,
          key: 'four',
          isApi: false,
          config: { emits: [], type: 'cron', cron: '0 9 * * *', timezone: 'UTC' },
        },
      ])
      expect(result?.returned).toBe(1)
    })
  }

  test.concurrent('each trigger of a config of Motia 1.0 is described, with its schemas', async () => {
    const source = [
      "import { http, queue } from 'motia'",
      "import { z } from 'zod'",
      'export const config = {',
      "  name: 'A',",
      '  triggers: [',
      "    http('POST', '/a', { bodySchema: z.object({ n: z.number() }), middleware: [() => {}] }, () => true),",
      "    queue('t', { input: z.string() }),",
      '  ],',
      '  enqueues: [],',
      '}',
      'export const handler = async () => undefined',
    ].join('\n')
    const [result] = await load(await project({ 'steps/a.step.ts': source }, 'zod4'), 'steps/a.step.ts')
    const [first, second] = described(result) ?? []
    expect([first?.key, first?.trigger, first?.isApi, first?.middlewareCount]).toEqual(['0', 1, true, 1])
    expect([second?.key, second?.trigger, second?.isApi, second?.middlewareCount]).toEqual(['1', 2, false, 0])
    const body = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] }
    expect(first?.config.triggers).toEqual([
      { type: 'http', method: 'POST', path: '/a', bodySchema: body },
      { type: 'queue', topic: 't' },
    ])
    expect(second?.config.triggers).toEqual([
      { type: 'http', method: 'POST', path: '/a' },
      { type: 'queue', topic: 't', input: { type: 'string' } },
    ])
  })
})

describe('failures cost one file only', () => {
  async function failure(source: string, file = 'steps/a.step.ts', more: Record<string, string> = {}) {
    const [bad, good] = await load(
      await project({ [file]: source, 'steps/good.step.ts': returns('1'), ...more }),
      file,
      'steps/good.step.ts',
    )
    expect(good?.returned).toBe(1)
    expect(bad?.failure).toBeDefined()
    return bad?.failure
  }

  test.concurrent('syntax error in TypeScript', async () => {
    expect(await failure(`${CONFIG}const x = = 1\n`)).toMatchObject({
      phase: 'compile',
      file: 'steps/a.step.ts',
      line: 2,
      message: expect.stringContaining('syntax error'),
    })
  })

  test.concurrent('syntax error in an imported file', async () => {
    const found = await failure(`import './lib'\n${CONFIG}`, 'steps/a.step.ts', { 'steps/lib.ts': 'const (' })
    expect(found).toMatchObject({ phase: 'compile', path: 'steps/a.step.ts', file: 'steps/lib.ts', line: 1 })
  })

  test.concurrent('missing package', async () => {
    expect(await failure(`import axios from 'axios'\n${CONFIG}console.log(axios)`)).toMatchObject({
      phase: 'resolve',
      missingModule: 'axios',
      message: `Cannot find module 'axios'`,
    })
    const scoped = await failure(`import { x } from '@aws-sdk/lib-storage'\n${CONFIG}x()`, 'steps/a.step.ts', {
      'package.json': MODULE,
    })
    expect(scoped).toMatchObject({ phase: 'resolve', missingModule: '@aws-sdk/lib-storage' })
  })

  test.concurrent('missing local file', async () => {
    for (const base of [{}, { 'package.json': MODULE }] as Record<string, string>[]) {
      const found = await failure(
        `import { x } from '../middlewares/core.middleware'\n${CONFIG}x()`,
        'steps/a.step.ts',
        base,
      )
      expect(found).toMatchObject({
        phase: 'resolve',
        missingModule: expect.stringContaining('../middlewares/core.middleware'),
      })
    }
  })

  test.concurrent('throws while loading', async () => {
    expect(await failure(`${CONFIG}\nthrow new Error('DISCORD_WEBHOOK is required')`)).toMatchObject({
      phase: 'import',
      line: 3,
      message: 'threw while loading: DISCORD_WEBHOOK is required',
      stack: expect.stringContaining('steps/a.step.ts:3'),
    })
    expect(await failure(`${CONFIG}throw 'text'`)).toMatchObject({
      phase: 'import',
      message: 'threw while loading: threw "text"',
    })
  })

  test.concurrent('process.exit while loading', async () => {
    expect(await failure(`${CONFIG}process.exit(1)`)).toMatchObject({
      phase: 'import',
      message: 'called process.exit(1) while loading',
    })
  })

  test.concurrent('no config, or none that can be used', async () => {
    expect(await failure(`export const handler = async () => 1`)).toMatchObject({
      phase: 'config',
      message: expect.stringContaining('no config'),
    })
    expect(await failure(`export const config = 'x'`)).toMatchObject({
      phase: 'config',
      message: 'config must be an object, it is a string',
    })
    expect(await failure(`export const config: any = { type: 'noop' }; config.self = config`)).toMatchObject({
      phase: 'config',
    })
  })

  test.concurrent('a config without a handler loads', async () => {
    const [result] = await load(await project({ 'steps/a.step.ts': CONFIG }), 'steps/a.step.ts')
    expect(result?.step?.config.name).toBe('A')
    expect(result?.step?.line).toBe(1)
  })
})

describe('schemas', () => {
  const source = `import { z } from 'zod'
export const config = { type: 'api', name: 'A', path: '/a', method: 'POST', emits: [], middleware: [async () => 1],
  bodySchema: z.object({ n: z.number().int(), s: z.string().optional(), d: z.string().default('x') }),
  responseSchema: { 200: z.object({ ok: z.boolean() }), 400: { type: 'object', properties: {} } } }
export const handler = async () => { try { config.bodySchema.parse({}) } catch (e) { return e instanceof z.ZodError } }`

  for (const version of ['zod', 'zod4'] as const) {
    for (const [name, base] of Object.entries({ module: { 'package.json': MODULE }, commonjs: {} })) {
      test.concurrent(`${version} in a ${name} project`, async () => {
        const [result] = await load(await project({ ...base, 'steps/a.step.ts': source }, version), 'steps/a.step.ts')
        expect(result?.failure).toBeUndefined()
        expect(result?.step?.warnings).toEqual([])
        expect(result?.step?.config.bodySchema).toMatchObject({
          type: 'object',
          properties: { n: { type: 'integer' }, s: { type: 'string' } },
          required: ['n'],
        })
        expect(result?.step?.config.responseSchema).toMatchObject({
          200: { properties: { ok: { type: 'boolean' } } },
          400: { type: 'object' },
        })
        expect(result?.middleware).toBe(1)
        expect(result?.returned).toBe(true)
      })
    }
  }

  test.concurrent('what JSON Schema cannot say is kept loose, with a warning', async () => {
    const loose = `import { z } from 'zod'\nexport const config = { type: 'event', name: 'A', subscribes: [], input: z.object({ at: z.date(), n: z.number() }) }`
    const [result] = await load(await project({ 'steps/a.step.ts': loose }, 'zod4'), 'steps/a.step.ts')
    expect(result?.step?.config.input).toMatchObject({ properties: { n: { type: 'number' } } })
    expect(result?.step?.warnings[0]).toContain('input')
  })

  test.concurrent('a zod type that contains itself keeps its references', async () => {
    const recursive = `import { z } from 'zod'
const Node = z.object({ name: z.string(), kids: z.lazy(() => Node.array()) })
export const config = { type: 'event', name: 'A', subscribes: [], input: z.object({ tree: Node }) }`
    const [result] = await load(await project({ 'steps/a.step.js': recursive }, 'zod'), 'steps/a.step.js')
    expect(result?.step?.config.input).toMatchObject({
      properties: { tree: { properties: { kids: { items: { $ref: '#/properties/tree' } } } } },
    })
    expect(result?.step?.warnings).toEqual([])
  })

  test.concurrent('a standard schema that can be written as JSON is', async () => {
    const standard = `const schema = { '~standard': { version: 1, vendor: 'own', validate: (value) => ({ value }),
      jsonSchema: { input: ({ target }) => ({ $schema: target, type: 'string' }) } } }
export const config = { type: 'event', name: 'A', subscribes: [], input: schema }`
    const [result] = await load(await project({ 'steps/a.step.ts': standard }), 'steps/a.step.ts')
    expect(result?.step?.config.input).toEqual({ type: 'string' })
    expect(result?.step?.warnings).toEqual([])
  })

  test.concurrent('something that is no schema is dropped with a warning', async () => {
    const [result] = await load(
      await project({
        'steps/a.step.ts': `export const config = { type: 'event', name: 'A', subscribes: [], input: 'string' }`,
      }),
      'steps/a.step.ts',
    )
    expect(result?.step?.config.input).toBeNull()
    expect(result?.step?.warnings).toHaveLength(1)
  })

  test.concurrent('streams', async () => {
    const stream = `export const config = { name: 'chat', schema: { type: 'object', properties: {} }, baseConfig: { storageType: 'default' }, canAccess: () => true }`
    const [result] = await load(await project({ 'steps/chat.stream.ts': stream }), 'steps/chat.stream.ts')
    expect(result?.stream).toMatchObject({ config: { name: 'chat', schema: { type: 'object' } } })
  })
})
