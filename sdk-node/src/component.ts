/**
 * Bundles a node component (a step's `.step.tsx`) for the page of the workbench. A program of its own: the core runs
 * `node component.js PROJECT FILE` and reads the answer, an Answer as JSON, from its stdout. For a tab of a plugin it is
 * `node component.js PROJECT MODULE EXPORT STYLES…`: the bundle's default is what the module exports by that name.
 */

import { existsSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { relative, resolve, sep } from 'node:path'
import { type BuildFailure, type BuildOptions, build, type Plugin } from 'esbuild'

type Answer =
  | { code: string; inputs: string[] }
  | { error: { message: string; file?: string; line?: number; column?: number } }

/** What the workbench gives to components, so that they share its React; workbench/src/nodes/provided.ts has them. */
const PROVIDED =
  /^(react|react\/jsx-(dev-)?runtime|react-dom|@xyflow\/react|motia\/workbench|@motiadev\/(workbench|ui))$/
const TAB = 'tab of a plugin'
const DATA = ['.gif', '.jpg', '.jpeg', '.png', '.svg', '.webp', '.woff', '.woff2']

const provided: Plugin = {
  name: 'provided by the workbench',
  setup(building) {
    building.onResolve({ filter: PROVIDED }, ({ path }) => ({ path, namespace: 'workbench' }))
    building.onLoad({ filter: /.*/, namespace: 'workbench' }, ({ path }) => ({
      contents: `module.exports = globalThis.__motia_workbench[${JSON.stringify(path)}]`,
    }))
  },
}

/** A plugin's module has its server side as well; what that imports of Node.js is empty here, as it was in 0.x. */
const withoutNode: Plugin = {
  name: 'without Node.js',
  setup(building) {
    const filter = new RegExp(`^(node:.*|${builtinModules.join('|')})$`)
    building.onResolve({ filter }, async ({ path, pluginData, ...others }) => {
      if (pluginData === withoutNode) return undefined // it is we who ask
      const installed = await building.resolve(path, { ...others, pluginData: withoutNode }) // such as `events`
      return installed.errors.length === 0 ? installed : { path, namespace: 'nothing' }
    })
    building.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'module.exports = {}' }))
  },
}

/** What is bundled: a file as it is, or one export of a module. */
function entry(root: string, file: string, name: string, styles: string[]): BuildOptions {
  if (name === '') return { entryPoints: [resolve(root, file)], plugins: [provided] }
  const lines = styles.map((style) => `import ${JSON.stringify(style.replace(/^~\//, './'))}`)
  lines.push(`export { ${name === 'default' ? name : `${name} as default`} } from ${JSON.stringify(file)}`)
  return {
    stdin: { contents: lines.join('\n'), resolveDir: root, sourcefile: TAB },
    plugins: [provided, withoutNode],
  }
}

async function bundle(project: string, file: string, name: string, styles: string[]): Promise<Answer> {
  const root = resolve(project)
  const tsconfig = resolve(root, 'tsconfig.json')
  try {
    const { outputFiles, metafile } = await build({
      absWorkingDir: root,
      ...entry(root, file, name, styles),
      outdir: resolve(root, 'out'), // nothing is written; esbuild wants a place for what is not JavaScript
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      jsx: 'automatic',
      define: { 'process.env.NODE_ENV': '"production"' },
      loader: Object.fromEntries(DATA.map((ending) => [ending, 'dataurl'])),
      logLevel: 'silent',
      ...(existsSync(tsconfig) ? { tsconfig } : { tsconfigRaw: {} }), // never one of a folder above the project
    })
    const text = (ending: string): string => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? ''
    const inputs = Object.keys(metafile.inputs).filter(
      (path) => path !== TAB && !/^(workbench|nothing):/.test(path) && !path.split(/[/\\]/).includes('node_modules'),
    )
    return { code: withStyle(text('.js'), text('.css')), inputs: inputs.map((path) => path.split(sep).join('/')) }
  } catch (error) {
    return { error: reason(error, root) }
  }
}

/** Style sheets that a component imports come with it. */
function withStyle(code: string, css: string): string {
  if (css === '') return code
  const add = `const style = document.createElement('style'); style.textContent = ${JSON.stringify(css)}; document.head.append(style)`
  return `${code}\n{ ${add} }\n`
}

function reason(error: unknown, root: string): { message: string; file?: string; line?: number; column?: number } {
  const first = (error as Partial<BuildFailure>).errors?.[0]
  if (!first) return { message: error instanceof Error ? error.message : String(error) }
  const missing = /^Could not resolve "([^"./][^"]*)"/.exec(first.text)?.[1]
  const remedy = missing ? `: is ${missing} installed?` : ''
  const at = first.location?.file === TAB ? null : first.location // that is ours: it has no place
  const place = at ? { file: relative(root, resolve(root, at.file)), line: at.line, column: at.column + 1 } : {}
  return { message: first.text + remedy, ...place }
}

const [project = '', file = '', name = '', ...styles] = process.argv.slice(2)
process.stdout.write(JSON.stringify(await bundle(project, file, name, styles)))
