/** `ctx.state`: values in groups, shared by all steps and languages. */

import type { Attempt } from './attempt.js'
import type { Operation } from './calls.js'
import { positiveMs, show } from './durations.js'
import { MotiaError } from './errors.js'
import { replaceable } from './members.js'
import { parseJson, toJson } from './payload.js'

const LARGEST_PAGE = 1000

interface TtlOptions {
  ttl?: unknown
}

interface Page {
  items: { key: string; value: unknown }[]
  cursor: string
}

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
      if (!Array.isArray(operations) || operations.length === 0) {
        const example = `[{ type: 'increment', path: '/count' }]`
        throw new TypeError(`the operations of state.update are ${show(operations)}: give an array such as ${example}`)
      }
      const bytes = Buffer.from(
        toJson(operations, `operations of state.update on ${String(groupId)}/${String(key)}`) ?? '',
      )
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

  /** One page of the keys that start with a prefix, in order, with their values. */
  get list() {
    return async (
      groupId: unknown,
      { prefix, cursor, limit }: { prefix?: unknown; cursor?: unknown; limit?: unknown } = {},
    ): Promise<Page> => {
      const isWhole = limit === undefined || (Number.isInteger(limit) && (limit as number) >= 1)
      if (!isWhole || (limit !== undefined && (limit as number) > LARGEST_PAGE)) {
        throw new TypeError(`limit is ${show(limit)}: give a whole number from 1 to ${LARGEST_PAGE}`)
      }
      const page = {
        groupId: String(groupId),
        prefix: String(prefix ?? ''),
        cursor: String(cursor ?? ''),
        limit: (limit as number | undefined) ?? 0,
      }
      return (await this.#read({ $case: 'stateList', value: page })) as Page
    }
  }

  /** All of `list`, page by page. */
  get listAll() {
    const { list } = this
    return async function* (groupId: unknown, { prefix }: { prefix?: unknown } = {}) {
      let cursor = ''
      do {
        const page: Page = await list(groupId, { prefix, cursor, limit: LARGEST_PAGE })
        yield* page.items
        cursor = page.cursor
      } while (cursor !== '')
    }
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
