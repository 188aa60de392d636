/** Files of a multipart request. */

import { createReadStream } from 'node:fs'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { UploadedFile as Wire } from './gen/motia/v1/invoke.js'

/** One file that a client sent. It is there until the handler has ended: `save` what is to stay. */
export class UploadedFile {
  /** Name of the form's field. */
  readonly field: string
  /** Name of the file, as the client says it: without directories, otherwise not to be trusted. */
  readonly filename: string
  /** Type of the content, as the client says it; empty: none. */
  readonly contentType: string
  /** Bytes. */
  readonly size: number
  /** Where it is on disk; undefined: it is small, and in memory. */
  readonly path: string | undefined
  readonly #data: Buffer

  constructor(file: Wire) {
    this.field = file.field
    this.filename = file.filename
    this.contentType = file.contentType
    this.size = file.size
    this.path = file.content?.$case === 'path' ? file.content.value : undefined
    this.#data = file.content?.$case === 'data' ? Buffer.from(file.content.value) : Buffer.alloc(0)
  }

  /** All of it. */
  async bytes(): Promise<Buffer> {
    return this.path === undefined ? this.#data : readFile(this.path)
  }

  /** All of it, as UTF-8. */
  async text(): Promise<string> {
    return (await this.bytes()).toString()
  }

  /** A stream to read it from. */
  stream(): Readable {
    return this.path === undefined ? Readable.from([this.#data]) : createReadStream(this.path)
  }

  /** Copies it to a path of your own. */
  async save(path: string): Promise<void> {
    await (this.path === undefined ? writeFile(path, this.#data) : copyFile(this.path, path))
  }
}
