/** `ctx.state`: values in groups, shared by all steps and languages. */

import type { Attempt } from './attempt.js'
import type { Operation } from './calls.js'
import { positiveMs, show } from './durations.js'
import { MotiaError } from './errors.js'
import { allPages, type Page, type PageOptions, toOperations, toPage } from './listing.js'
import { replaceable } from './members.js'
import { parseJson, toJson } from './payload.js'

interface TtlOptions {
  ttl?: unknown
}

type Entry = { key: string; value: unknown }

/** Of one attempt. Its methods are getters, see members.ts. */
export class State {
  #attempt: Attempt

  constructor(attempt: Attempt) {
    this.#attempt = attempt
  }

  get get() {
    return async (groupId: unknown, key?: unknown): Promise<unknown> => {
      if (key === undefined) return this.#incomplete('get')
      return this.#read({ $case: 'stateGet', value: { groupId: String(groupId), key: String(key) } })
    }
  }

  get set() {
    return async (groupId: unknown, key?: unknown, value?: unknown, options?: TtlOptions): Promise<unknown> => {
      if (key === undefined) return this.#incomplete('set')
      const bytes = toValue(value, groupId, key)
      const address = { groupId: String(groupId), key: String(key) }
      await this.#attempt.call(
        { $case: 'stateSet', value: { ...address, value: bytes, ttlMs: toTtlMs(options) } },
        bytes.length,
      )
      return value
    }
  }

  get delete() {
    return async (groupId: unknown, key?: unknown): Promise<unknown> => {
      if (key === undefined) return this.#incomplete('delete')
      return this.#read({ $case: 'stateDelete', value: { groupId: String(groupId), key: String(key) } })
    }
  }

  get getGroup() {
    return async (groupId: unknown): Promise<unknown> =>
      this.#read({ $case: 'stateGetGroup', value: { groupId: String(groupId) } })
  }

  get clear() {
    return async (groupId: unknown): Promise<void> => {
      await this.#attempt.call({ $case: 'stateClear', value: { groupId: String(groupId) } })
    }
  }

  /** `{ value, version }` for compareAndSet; null and 0 when there is no value. */
  get getVersioned() {
    return async (groupId: unknown, key: unknown): Promise<unknown> =>
      this.#read({ $case: 'stateGetVersioned', value: address('getVersioned', groupId, key) })
  }

  /** Changes a value by operations, all or none; returns the new value. */
  get update() {
    return async (groupId: unknown, key: unknown, operations: unknown): Promise<unknown> => {
      const bytes = toOperations(operations, 'state.update')
      const value = { ...address('update', groupId, key), operations: bytes }
      return this.#read({ $case: 'stateUpdate', value }, bytes.length)
    }
  }

  /** Stores a value if its version is still the expected one (0: there is none); `{ ok, version }`. */
  get compareAndSet() {
    return async (
      groupId: unknown,
      key: unknown,
      expectedVersion: unknown,
      value: unknown,
      options?: TtlOptions,
    ): Promise<unknown> => {
      if (!Number.isSafeInteger(expectedVersion) || (expectedVersion as number) < 0) {
        throw new TypeError(`expectedVersion is ${show(expectedVersion)}: give the version from getVersioned, or 0`)
      }
      const bytes = toValue(value, groupId, key)
      const operation = {
        ...address('compareAndSet', groupId, key),
        expectedVersion: expectedVersion as number,
        value: bytes,
        ttlMs: toTtlMs(options),
      }
      return this.#read({ $case: 'stateCompareAndSet', value: operation }, bytes.length)
    }
  }

  /** The names of the groups that have values, in order. */
  get groups() {
    return async (): Promise<string[]> => (await this.#read({ $case: 'stateGroups', value: {} })) as string[]
  }

  /** One page of the keys that start with a prefix, in order, with their values. */
  get list() {
    return async (
      groupId: unknown,
      { prefix, ...page }: PageOptions & { prefix?: unknown } = {},
    ): Promise<Page<Entry>> => {
      const value = { groupId: String(groupId), prefix: String(prefix ?? ''), ...toPage(page) }
      return (await this.#read({ $case: 'stateList', value })) as Page<Entry>
    }
  }

  /** All of `list`, page by page. */
  get listAll() {
    const { list } = this
    return (groupId: unknown, { prefix }: { prefix?: unknown } = {}) =>
      allPages((page) => list(groupId, { prefix, ...page }))
  }

  async #read(operation: Operation, payloadBytes = 0): Promise<unknown> {
    return parseJson((await this.#attempt.call(operation, payloadBytes)).toString())
  }

  #incomplete(method: string): null {
    this.#attempt.warn(`state.${method} needs a group and a key: nothing was done`)
    return null
  }
}

replaceable(State)

function address(method: string, groupId: unknown, key: unknown): { groupId: string; key: string } {
  if (key === undefined) throw new TypeError(`state.${method} needs a group and a key`)
  return { groupId: String(groupId), key: String(key) }
}

function toValue(value: unknown, groupId: unknown, key: unknown): Buffer {
  const what = `state value ${String(groupId)}/${String(key)}`
  const text = toJson(value ?? null, what)
  if (text === undefined) throw new MotiaError(`${what} is a ${typeof value}, which is not JSON`, 'schema')
  return Buffer.from(text)
}

function toTtlMs(options: TtlOptions | undefined): number {
  const ttl = options?.ttl
  return ttl === undefined || ttl === null ? 0 : positiveMs(ttl, 'ttl')
}
