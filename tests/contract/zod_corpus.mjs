// Reads [{schema, tests: [data]}] from standard input. For each schema that zod can express: what our converter makes of
// the zod type, and whether zod takes each of the data. Written to standard output; null for what zod cannot express.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [sdk] = process.argv.slice(2)
const { z } = createRequire(join(sdk, 'package.json'))('zod4')
const { toJsonSchema } = await import(pathToFileURL(join(sdk, 'dist', 'schema.js')).href)

const results = []
for (const { schema, tests } of JSON.parse(readFileSync(0, 'utf8'))) {
  let type
  try {
    type = z.fromJSONSchema(schema)
  } catch {
    results.push(null)
    continue
  }
  const converted = await toJsonSchema(type, join(sdk, 'node_modules', 'zod4', 'index.js'))
  results.push({ ...converted, accepted: tests.map((data) => type.safeParse(data).success) })
}
process.stdout.write(JSON.stringify(results))
