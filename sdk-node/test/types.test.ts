import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('the published types say what a step may do, and are sound by themselves', async () => {
  const project = fileURLToPath(new URL('./types', import.meta.url))
  const failed = promisify(execFile)('npx', ['tsc', '--project', project], { cwd: project }).catch(
    ({ stdout }: { stdout: string }) => stdout,
  )
  expect(await failed).toMatchObject({ stdout: '' })
})
