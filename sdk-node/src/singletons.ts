/** What steps of Motia 1.0 import instead of getting it in their context: it finds the attempt that is running. */

import { current, currentOrNone } from './current.js'
import { MotiaError } from './errors.js'
import type { Stream as ContextStream } from './streams.js'
import type { EmitOptions, Logger } from './types.js'
import { toOwnOperations, type UpdateOp } from './update-ops.js'

/** What a write answers. */
export interface WriteResult<T> {
  old_value: T | null
  new_value: T | null
}

/** Publishes an event; resolves when it is durable. */
export async function enqueue(event: { topic: string; data?: unknown } & EmitOptions): Promise<void> {
  await current('enqueue').emit(event)
}

/** State, as `ctx.state` has it, with the names and answers of Motia 1.0. */
export class StateManager {
  async get<T>(scope: string, key: string): Promise<T | null> {
    return (await current('stateManager.get').state.get(scope, key)) as T | null
  }

  async set<T>(scope: string, key: string, value: T): Promise<WriteResult<T>> {
    const { state } = current('stateManager.set')
    for (;;) {
      const found = (await state.getVersioned(scope, key)) as { value: T | null; version: number }
      const done = (await state.compareAndSet(scope, key, found.version, value)) as { ok: boolean }
      if (done.ok) return { old_value: found.value, new_value: value }
    }
  }

  /** All operations or, when one cannot be done, none. */
  async update<T>(scope: string, key: string, ops: readonly UpdateOp[]): Promise<WriteResult<T>> {
    const { state } = current('stateManager.update')
    const old = (await state.get(scope, key)) as T | null
    return { old_value: old, new_value: (await state.update(scope, key, toOwnOperations(ops))) as T | null }
  }

  /** Removes a value; what it was, or null. */
  async delete<T>(scope: string, key: string): Promise<T | null> {
    return (await current('stateManager.delete').state.delete(scope, key)) as T | null
  }

  /** All values of a scope, ordered by key. */
  async list<T>(scope: string): Promise<T[]> {
    return (await current('stateManager.list').state.getGroup(scope)) as T[]
  }

  async clear(scope: string): Promise<void> {
    await current('stateManager.clear').state.clear(scope)
  }

  /** The names of the scopes that have values, in order. */
  async listGroups(): Promise<string[]> {
    return current('stateManager.listGroups').state.groups()
  }
}

/** A stream of the project, with the names and answers of Motia 1.0. */
export class Stream<T = unknown> {
  readonly name: string

  /** @param config Of the stream, or its name. */
  constructor(config: { readonly name: string } | string) {
    this.name = typeof config === 'string' ? config : config.name
    if (!this.name)
      throw new MotiaError("a Stream needs the config of a stream, or its name: new Stream('orders')", 'config')
  }

  async get(groupId: string, itemId: string): Promise<T | null> {
    return (await this.#stream('get').get(groupId, itemId)) as T | null
  }

  /** Stores an item and pushes it to who watches. */
  async set(groupId: string, itemId: string, data: T): Promise<WriteResult<T>> {
    const stream = this.#stream('set')
    const old = (await stream.get(groupId, itemId)) as T | null
    return { old_value: old, new_value: (await stream.set(groupId, itemId, data)) as T }
  }

  /** All operations or, when one cannot be done, none. */
  async update(groupId: string, itemId: string, ops: readonly UpdateOp[]): Promise<WriteResult<T>> {
    const stream = this.#stream('update')
    const old = (await stream.get(groupId, itemId)) as T | null
    return { old_value: old, new_value: (await stream.update(groupId, itemId, toOwnOperations(ops))) as T | null }
  }

  /** Removes an item; what it was, or null. */
  async delete(groupId: string, itemId: string): Promise<T | null> {
    return (await this.#stream('delete').delete(groupId, itemId)) as T | null
  }

  /** All items of a group, oldest first. */
  async list(groupId: string): Promise<T[]> {
    return (await this.#stream('list').getGroup(groupId)) as T[]
  }

  /** As `list`. */
  async getGroup(groupId: string): Promise<T[]> {
    return this.list(groupId)
  }

  /** Pushes an event to who watches a group, or one item of it; nothing is stored. */
  async send(channel: { groupId: string; id?: string }, event: { type: string; data?: unknown }): Promise<void> {
    await this.#stream('send').send(channel, event)
  }

  /** The names of the groups that have items, in order. */
  async listGroups(): Promise<string[]> {
    return this.#stream('listGroups').groups()
  }

  #stream(what: string): ContextStream {
    const { streams } = current(`Stream.${what}`)
    const stream = streams[this.name]
    if (stream !== undefined) return stream
    const known = Object.keys(streams).join(', ') || 'none'
    throw new MotiaError(`the project has no stream '${this.name}'; it has: ${known}`, 'not_available')
  }
}

export const stateManager = new StateManager()

/** `ctx.logger` of the attempt that is running; outside of one it writes to the console. */
export const logger: Logger = {
  debug: (message, args) => log('debug', message, args),
  info: (message, args) => log('info', message, args),
  warn: (message, args) => log('warn', message, args),
  error: (message, args) => log('error', message, args),
}

function log(level: keyof Logger, message: string, args?: unknown): void {
  const own = currentOrNone()?.logger
  if (own !== undefined) own[level](message, args)
  else console[level](message, ...(args === undefined ? [] : [args]))
}
