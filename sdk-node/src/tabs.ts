/**
 * Lists the tabs that plugins of the project's config add to the workbench. A program of its own, so that nothing of the
 * sidecar is touched: the core runs `node tabs.js PROJECT CONFIG` and reads the answer as JSON from its stdout.
 */

import { Loader } from './loader.js'
import { loadPlugins, type Tab } from './plugins.js'
import { defaultExport } from './project-config.js'

type Answer = { tabs: Tab[] } | { error: { message: string } }

const answer = process.stdout.write.bind(process.stdout)
process.stdout.write = process.stderr.write.bind(process.stderr) // what the config and its plugins print is no answer

async function list(project: string, config: string): Promise<Answer> {
  const loader = new Loader(project)
  const imported = await loader.import(config)
  if ('failure' in imported) return { error: { message: imported.failure.message } }
  const { plugins } = (defaultExport(imported.value) ?? {}) as { plugins?: unknown }
  const built = await loader.guard(config, () => loadPlugins(config, plugins))
  return 'failure' in built ? { error: { message: built.failure.message } } : { tabs: built.value.tabs }
}

const [project = '', config = ''] = process.argv.slice(2)
const listed = JSON.stringify(await list(project, config))
answer(listed, () => process.exit(0)) // plugins may have opened what keeps a process alive
