/** `ctx.streams`: the items of the project's streams, by name. */

import type { Attempt } from './attempt.js'
import type { Operation } from './calls.js'
import { allPages, type Page, type PageOptions, toOperations, toPage } from './listing.js'
import { parseJson, toJson } from './payload.js'

const EMPTY = Buffer.alloc(0)

/** The items of one stream. */
export class Stream {
  #attempt: Attempt
  #name: string

  constructor(attempt: Attempt, name: string) {
    this.#attempt = attempt
    this.#name = name
  }

  get = async (groupId: unknown, id: unknown): Promise<unknown> =>
    this.#read({ $case: 'streamGet', value: this.#address(groupId, id) })

  set = async (groupId: unknown, id: unknown, data: unknown): Promise<unknown> => {
    const text = toJson(data ?? null, `item ${String(groupId)}/${String(id)} of stream '${this.#name}'`) ?? 'null'
    const bytes = Buffer.from(text)
    return this.#read({ $case: 'streamSet', value: { ...this.#address(groupId, id), data: bytes } }, bytes.length)
  }

  delete = async (groupId: unknown, id: unknown): Promise<unknown> =>
    this.#read({ $case: 'streamDelete', value: this.#address(groupId, id) })

  getGroup = async (groupId: unknown): Promise<unknown> =>
    this.#read({ $case: 'streamGetGroup', value: { stream: this.#name, groupId: String(groupId) } })

  update = async (groupId: unknown, id: unknown, operations: unknown): Promise<unknown> => {
    const bytes = toOperations(operations, `streams.${this.#name}.update`)
    const value = { ...this.#address(groupId, id), operations: bytes }
    return this.#read({ $case: 'streamUpdate', value }, bytes.length)
  }

  list = async (groupId: unknown, page: PageOptions = {}): Promise<Page<unknown>> => {
    const value = { stream: this.#name, groupId: String(groupId), ...toPage(page) }
    return (await this.#read({ $case: 'streamList', value })) as Page<unknown>
  }

  listAll = (groupId: unknown): AsyncGenerator<unknown> => allPages((page) => this.list(groupId, page))

  /** The names of the groups that have items, in order. */
  groups = async (): Promise<string[]> =>
    (await this.#read({ $case: 'streamGroups', value: { stream: this.#name } })) as string[]

  send = async (
    channel: { groupId: unknown; id?: unknown },
    event: { type: unknown; data?: unknown },
  ): Promise<void> => {
    const text = event.data === undefined ? undefined : toJson(event.data, `data of event '${String(event.type)}'`)
    const address = this.#address(channel.groupId, channel.id ?? '')
    const data = text === undefined ? EMPTY : Buffer.from(text)
    await this.#attempt.call(
      { $case: 'streamSend', value: { ...address, type: String(event.type), data } },
      data.length,
    )
  }

  #address(groupId: unknown, id: unknown): { stream: string; groupId: string; id: string } {
    return { stream: this.#name, groupId: String(groupId), id: String(id) }
  }

  async #read(operation: Operation, payloadBytes = 0): Promise<unknown> {
    return parseJson((await this.#attempt.call(operation, payloadBytes)).toString())
  }
}

/** The project's streams by name; any other name is undefined, as in 0.x. */
export function makeStreams(attempt: Attempt): Record<string, Stream> {
  const streams: Record<string, Stream> = {}
  for (const name of attempt.runtime.streamNames) {
    let stream: Stream | undefined
    Object.defineProperty(streams, name, { enumerable: true, get: () => (stream ??= new Stream(attempt, name)) })
  }
  return streams
}
