/** What is told of imports. */

import { expect, it } from 'vitest'
import type { Imports } from '../src/imports.js'
import { Loading } from '../src/loading.js'
import type { Outbox } from '../src/outbox.js'

it('looks at what was imported only for a core that wants to know', () => {
  const added: unknown[] = []
  const loading = new Loading({ add: (frame: unknown) => added.push(frame) } as unknown as Outbox, {
    address: '',
    isExternal: false,
  })
  const { imports } = loading as unknown as { imports: Imports }
  let looks = 0
  imports.take = () => {
    looks += 1
    return { files: ['a'], packages: [] }
  }
  loading.tell()
  expect([looks, added]).toEqual([0, []])
  loading.isToTell = true
  loading.tell()
  expect([looks, added]).toEqual([1, [{ $case: 'imported', value: { files: ['a'], packages: [] } }]])
})
