// Loads files of a project in a clean process and prints what came of it: node load.mjs ROOT FILE…
import { guardExit } from '../dist/exit-guard.js'
import { Loader } from '../dist/loader.js'
import { guardStrays } from '../dist/strays.js'

const [root, ...files] = process.argv.slice(2)
process.chdir(root)
const leave = process.exit.bind(process)
guardExit()
guardStrays()
const loader = new Loader(root)
const results = []
for (const file of files) {
  const result = await loader.load(file, /[._]stream\.[jt]s$/.test(file) ? 'stream' : 'step')
  const [step] = result.steps ?? [] // most files define one
  if (step?.handler) result.returned = await step.handler({}, {}).catch((error) => ({ threw: String(error) }))
  results.push({ ...result, step, middleware: step?.middleware.length })
}
process.stdout.write(`\n@@${JSON.stringify(results)}\n`, () => leave(0))
