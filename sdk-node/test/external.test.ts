/** Sidecars that the core has not launched: what the environment says, and whether the files are the core's. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { digestOf, otherFiles } from '../src/digest.js'
import { FileKind, type Load } from '../src/gen/motia/v1/manifest.js'
import { readIdentity } from '../src/identity.js'
import { Loading } from '../src/loading.js'
import type { Outbox } from '../src/outbox.js'

const folder = mkdtempSync(join(tmpdir(), 'motia-external-'))
afterAll(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'a.ts'), 'config')
writeFileSync(join(folder, 'none.pem'), '-----BEGIN CERTIFICATE-----')

/** A certificate and its key, as PEM files. */
function makeCertificate(name: string): [string, string] {
  const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)]
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key]
  execFileSync('openssl', ['req', '-x509', ...newKey, '-out', cert, '-subj', `/CN=${name}`], { stdio: 'ignore' })
  return [cert, key]
}

const EXPECTED = '927197fbb4f1cf7db980b80e55cfcde1f666ddbd37f2b3e9882a8615d0008496' // also in tests/unit/project/test_discover.py
const DIGEST = 'f'.repeat(64)
const kind = FileKind.FILE_KIND_STEP
const load: Load = { projectRoot: '', files: [{ path: 'a.ts', kind }], digest: DIGEST, configFile: '', verify: true }

describe('the digest', () => {
  it('is the one that every SDK computes', () => {
    expect(digestOf(folder, ['a.ts', 'ä.ts'])).toBe(EXPECTED)
  })

  it('is not that of other files', () => {
    const missing = { ...load, files: [{ path: 'b.ts', kind }] }
    expect(otherFiles(load, folder)).toContain(`those of the core ${DIGEST}: deploy the same version`)
    expect(otherFiles(missing, folder)).toContain('b.ts is not there')
    const configFile = 'none.pem'
    const same = { ...load, configFile, digest: digestOf(folder, ['a.ts', configFile]) }
    expect(otherFiles(same, folder)).toBeUndefined()
  })
})

describe('the environment', () => {
  const base = { MOTIA_SIDECAR_ADDRESS: 'core:7', MOTIA_SIDECAR_TOKEN: 'secret', MOTIA_SIDECAR_EXTERNAL: '1' }
  const read = (env: NodeJS.ProcessEnv) => readIdentity({ ...base, ...env }, '1')
  const [pem, key] = makeCertificate('ours')
  const [, otherKey] = makeCertificate('other')
  const none = join(folder, 'none.pem')

  it('hides the token from user code', () => {
    const env: NodeJS.ProcessEnv = { ...base }
    expect(readIdentity(env, '1')).toMatchObject({ token: 'secret', language: 'node', isExternal: true })
    expect(env).not.toHaveProperty('MOTIA_SIDECAR_TOKEN')
  })

  it('names the host, unless it says another name', () => {
    expect(read({ MOTIA_SIDECAR_NAME: 'web-1' })).toMatchObject({ name: 'web-1' })
    expect(read({})).not.toHaveProperty('tls')
  })

  it('has TLS with an authority', () => {
    const tls = { serverName: 'core', ca: readFileSync(pem), certificate: readFileSync(pem), key: readFileSync(key) }
    const shown = { MOTIA_SIDECAR_CA: pem, MOTIA_SIDECAR_CERT: pem, MOTIA_SIDECAR_KEY: key }
    expect(read({ ...shown, MOTIA_SIDECAR_SERVER_NAME: 'core' })).toMatchObject({ tls })
  })

  it.each([
    [{ MOTIA_SIDECAR_TOKEN: '' }, 'MOTIA_SIDECAR_TOKEN'],
    [{ MOTIA_SIDECAR_CA: '/nowhere' }, 'cannot be read'],
    [{ MOTIA_SIDECAR_CA: join(folder, 'a.ts') }, 'which is no PEM file'],
    [{ MOTIA_SIDECAR_CA: pem, MOTIA_SIDECAR_CERT: pem }, 'go together'],
    [{ MOTIA_SIDECAR_CERT: pem, MOTIA_SIDECAR_KEY: pem }, 'needs MOTIA_SIDECAR_CA'],
    [{ MOTIA_SIDECAR_CA: none }, 'MOTIA_SIDECAR_CA has no certificate'],
    [{ MOTIA_SIDECAR_CA: pem, MOTIA_SIDECAR_CERT: pem, MOTIA_SIDECAR_KEY: otherKey }, 'do not fit each other'],
    [{ MOTIA_SIDECAR_CA: pem, MOTIA_SIDECAR_CERT: pem, MOTIA_SIDECAR_KEY: none }, 'do not fit each other'],
  ])('says what is wrong with %o', (env, what) => {
    expect(read(env)).toContain(what)
  })
})

const outbox = (into: string[]) => ({ add: ({ $case }: { $case: string }) => into.push($case) }) as unknown as Outbox

it('answers the Load of a later session from what is loaded', async () => {
  const first: string[] = []
  const second: string[] = []
  const loading = new Loading(outbox(first), { address: '', isExternal: true })
  const empty = { ...load, projectRoot: folder, files: [] }
  const loaded = await loading.load(empty)
  loading.outbox = outbox(second)
  expect(await loading.load(empty)).toBe(loaded)
  expect([first.at(-1), second]).toEqual(['manifest', ['manifest']])
})

it('tells a later session of a load that outlives the one before only when it has asked', async () => {
  const first: string[] = []
  const second: string[] = []
  const loading = new Loading(outbox(first), { address: '', isExternal: true })
  const files = [{ path: 'nowhere.step.ts', kind }]
  const loaded = loading.load({ ...load, projectRoot: folder, files })
  await vi.waitFor(() => expect(first).toEqual(['loading']))
  loading.outbox = outbox(second)
  loading.repeat(new Set()) // as after a resume
  loading.acknowledged('nowhere.step.ts')
  await loaded
  expect(second).toEqual([])
  await loading.load({ ...load, projectRoot: folder, files })
  expect(second).toEqual(['manifest'])
})
