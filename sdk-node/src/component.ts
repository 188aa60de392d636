/**
 * Bundles a node component (a step's `.step.tsx`) for the page of the workbench. A program of its own: the core runs
 * `node component.js PROJECT FILE` and reads the answer, an Answer as JSON, from its stdout.
 */

import { existsSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { type BuildFailure, build, type Plugin } from 'esbuild'

type Answer =
  | { code: string; inputs: string[] }
  | { error: { message: string; file?: string; line?: number; column?: number } }

/** What the workbench gives to components, so that they share its React; workbench/src/nodes/provided.ts has them. */
const PROVIDED =
  /^(react|react\/jsx-(dev-)?runtime|react-dom|@xyflow\/react|motia\/workbench|@motiadev\/(workbench|ui))$/
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

async function bundle(project: string, file: string): Promise<Answer> {
  const root = resolve(project)
  const tsconfig = resolve(root, 'tsconfig.json')
  try {
    const { outputFiles, metafile } = await build({
      absWorkingDir: root,
      entryPoints: [resolve(root, file)],
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
      plugins: [provided],
      ...(existsSync(tsconfig) ? { tsconfig } : { tsconfigRaw: {} }), // never one of a folder above the project
    })
    const text = (ending: string): string => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? ''
    const inputs = Object.keys(metafile.inputs).filter(
      (path) => !path.startsWith('workbench:') && !path.split(/[/\\]/).includes('node_modules'),
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
  const at = first.location
  const place = at ? { file: relative(root, resolve(root, at.file)), line: at.line, column: at.column + 1 } : {}
  return { message: first.text + remedy, ...place }
}

const [project = '', file = ''] = process.argv.slice(2)
process.stdout.write(JSON.stringify(await bundle(project, file)))
