import { describe, expect, it } from 'vitest'
import { loadPlugins } from '../src/plugins.js'

const handler = async () => ({ status: 200 })

// biome-ignore lint/suspicious/noExplicitAny: as plugins of 0.x are written
type Motia = any

describe('plugins of a project', () => {
  it('make an api step of each route', async () => {
    const { routes, warnings } = await loadPlugins('motia.config.ts', [
      (motia: Motia) => {
        motia.registerApi({ method: 'post', path: '/a/:id' }, handler)
        motia.registerApi({ path: '/b' }, handler)
      },
    ])
    expect(warnings).toEqual([])
    expect(routes.map((route) => route.path)).toEqual(['motia.config.ts#POST /a/:id', 'motia.config.ts#GET /b'])
    expect(routes[0]).toMatchObject({ handler, config: { type: 'api', method: 'POST', path: '/a/:id', emits: [] } })
  })

  it('may come as a module with a default export, and take a route back', async () => {
    const plugin = (motia: Motia) => {
      const forget = motia.registerApi({ method: 'GET', path: '/a' }, handler)
      motia.registerApi({ method: 'GET', path: '/b' }, handler)
      forget()
    }
    const { routes } = await loadPlugins('motia.config.js', [{ default: plugin }])
    expect(routes.map((route) => route.path)).toEqual(['motia.config.js#GET /b'])
  })

  it('that fail are said, and keep nobody else from working', async () => {
    const { routes, warnings } = await loadPlugins('motia.config.ts', [
      () => {
        throw new Error('no key')
      },
      (motia: Motia) => motia.registerApi({ method: 'GET', path: 'a' }, handler),
      (motia: Motia) => motia.lockedData.activeSteps(),
      (motia: Motia) => motia.registerApi({ method: 'GET', path: '/works' }, handler),
    ])
    expect(routes).toHaveLength(1)
    expect(warnings).toEqual([
      'plugins[0] threw, and does nothing: no key',
      "plugins[1] threw, and does nothing: registerApi takes { method, path: '/…' } and a handler",
      'plugins[2] threw, and does nothing: motia.lockedData is not there for plugins: handlers of registerApi have it in their context',
    ])
  })

  it('that take the object apart are not hindered by what is not there', async () => {
    const plugin = ({ registerApi, state, lockedData, printer }: Motia) => {
      printer.debug
      registerApi({ method: 'GET', path: '/a' }, async () => ({ status: 200, body: [state, lockedData] }))
    }
    expect((await loadPlugins('motia.config.ts', [plugin])).warnings).toEqual([])
  })

  it('that register a route again are told which handler counts', async () => {
    const plugin = (motia: Motia) => motia.registerApi({ method: 'GET', path: '/a' }, handler)
    const { routes, warnings } = await loadPlugins('motia.config.ts', [plugin, plugin])
    expect(routes).toHaveLength(1)
    expect(warnings).toEqual(['GET /a is registered twice; the first handler serves it'])
  })

  it('bring tabs, with what 0.x takes for granted', async () => {
    const board = {
      packageName: '~/board',
      componentName: 'B',
      label: 'Board',
      position: 'bottom',
      cssImports: ['a.css'],
    }
    const { tabs, warnings } = await loadPlugins('motia.config.ts', [
      () => ({ workbench: [{ ...board, labelIcon: 'kanban', props: { n: 1 } }, { packageName: 'motia-plugin-x' }] }),
    ])
    expect(warnings).toEqual([])
    expect(tabs).toEqual([
      { package: '~/board', component: 'B', label: 'Board', position: 'bottom', styles: ['a.css'], props: { n: 1 } },
      {
        package: 'motia-plugin-x',
        component: 'default',
        label: 'Plugin label',
        position: 'top',
        styles: [],
        props: {},
      },
    ])
  })

  it('of the Workbench are named once, those that add something to it each', async () => {
    const none = await loadPlugins('motia.config.ts', [() => ({}), 1])
    expect(none.warnings.map((text) => text.split(':')[0])).toEqual(['plugins does nothing'])
    const left = await loadPlugins('motia.config.ts', [() => ({ workbench: [{}], steps: ['a'] })])
    expect(left.warnings).toEqual([
      "plugins[0].workbench: a tab needs packageName, an installed package or '~/' and a path in the project; it is not shown",
      'plugins[0]: its steps are not there; its routes are',
    ])
    expect((await loadPlugins('motia.config.ts', undefined)).warnings).toEqual([])
  })
})
