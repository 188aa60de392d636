/** The process that runs the project of a test: what is asked of it and what it says are JSON objects, a line each. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const HERE = dirname(fileURLToPath(import.meta.url))
const TAIL = 20 // lines of its error output that are shown when it ends early

export type Json = Record<string, unknown>

/** What the test server could not do. */
export class MotiaTestError extends Error {
  /** Of docs/errors.md, such as TEST_UNEXPECTED_FAILURE. */
  readonly code: string

  constructor(message: string, code: string, stack?: string) {
    super(message)
    this.name = 'MotiaTestError'
    this.code = code
    if (stack !== undefined) this.stack = `${this.name}: ${message}\n${stack}`
  }
}

export interface Ready {
  url: string
  steps: string[]
}

/** A fake is to run. */
export interface FakeCall {
  fake: number
  step: string
  input?: unknown
  context: {
    traceId: string
    traceparent: string
    attempt: number
    maxAttempts: number
    flows: string[]
    remembered: Record<string, unknown>
  }
}

/** An event that was emitted. */
export interface EmittedEvent {
  topic: string
  data: unknown
  /** Name of the step that emitted it; empty: the test. */
  step: string
  traceId: string
}

interface Asked {
  resolve: (value: unknown) => void
  reject: (error: Error) => void
  stack: string
}

interface Message {
  id?: number
  ok?: unknown
  error?: { code: string; message: string }
  ready?: Ready
  fatal?: { code: string; message: string }
  fake?: number
  event?: EmittedEvent
}

export class Channel {
  onFake: (call: FakeCall) => void = () => {}
  onEvent: (event: EmittedEvent) => void = () => {}
  readonly ready: Promise<Ready>
  private readonly process: ChildProcessWithoutNullStreams
  private readonly asked = new Map<number, Asked>()
  private readonly tail: string[] = []
  private readonly ended: Promise<void>
  private readonly refuse: (why: { code: string; message: string }) => void
  private count = 0
  private isClosing = false
  private failure: Error | undefined // it has ended; nothing will be answered
  private settle: { resolve: (ready: Ready) => void; reject: (error: Error) => void } | undefined

  constructor(command: string, args: string[], cwd: string) {
    const stack = stackOf()
    this.refuse = ({ message, code }) => this.fail(new MotiaTestError(message, code, stack))
    this.process = spawn(command, args, { cwd, stdio: ['pipe', 'pipe', 'pipe'] })
    this.ready = new Promise((resolve, reject) => {
      this.settle = { resolve, reject }
    })
    this.ended = new Promise((resolve) => {
      this.process.once('close', () => resolve())
    })
    this.process.once('error', (error: NodeJS.ErrnoException) => this.fail(notStarted(command, error, stack)))
    this.process.once('close', (code, signal) => this.fail(this.early(code ?? signal, stack)))
    this.process.stdin.on('error', () => {}) // it has ended; `close` says so
    createInterface({ input: this.process.stdout }).on('line', (line) => this.hear(JSON.parse(line) as Message))
    createInterface({ input: this.process.stderr }).on('line', (line) => {
      if (this.tail.push(line) > TAIL) this.tail.shift()
    })
  }

  do(method: string, given: Json = {}): Promise<unknown> {
    const stack = stackOf()
    if (this.isClosing) return Promise.reject(new MotiaTestError('the project was closed', 'TEST_MISTAKE', stack))
    if (this.failure !== undefined) return Promise.reject(this.failure)
    const id = ++this.count
    return new Promise((resolve, reject) => {
      this.asked.set(id, { resolve, reject, stack })
      this.hold()
      this.send({ id, do: method, with: given })
    })
  }

  send(message: Json): void {
    this.process.stdin.write(`${JSON.stringify(message)}\n`)
  }

  async close(): Promise<void> {
    this.isClosing = true
    this.process.ref()
    this.process.stdin.end()
    await this.ended
  }

  private hear(message: Message): void {
    if (message.event !== undefined) this.onEvent(message.event)
    else if (message.ready !== undefined) this.settle?.resolve(message.ready)
    else if (message.fatal !== undefined) this.refuse(message.fatal)
    else if (message.fake !== undefined) this.onFake(message as unknown as FakeCall)
    else if (message.id !== undefined) this.answer(message.id, message)
  }

  /** A test process need not live for this one, unless it waits for an answer. */
  private hold(): void {
    const isWaiting = this.asked.size > 0
    for (const part of [this.process, this.process.stdin, this.process.stdout, this.process.stderr]) {
      const held = part as unknown as { ref(): void; unref(): void }
      if (isWaiting) held.ref()
      else held.unref()
    }
  }

  private answer(id: number, { ok, error }: Message): void {
    const asked = this.asked.get(id)
    this.asked.delete(id)
    this.hold()
    if (error === undefined) asked?.resolve(ok)
    else asked?.reject(new MotiaTestError(error.message, error.code, asked.stack))
  }

  private fail(error: Error): void {
    this.failure ??= error
    this.settle?.reject(error)
    for (const { reject } of this.asked.values()) reject(error)
    this.asked.clear()
  }

  private early(how: unknown, stack: string): MotiaTestError {
    const said = this.tail.length > 0 ? `:\n${this.tail.join('\n')}` : ''
    return new MotiaTestError(`motia-core ended too early (${how})${said}`, 'TEST_MISTAKE', stack)
  }
}

/** Where motia-core is: as told, in an environment of the project, or on the PATH. */
export function findCommand(project: string, told: string | undefined): string {
  const command = told ?? process.env.MOTIA_CORE
  if (command !== undefined && command !== '') return command
  const folders = [project, process.cwd()].flatMap((at) =>
    ['.venv', 'venv', 'python_modules'].map((name) => join(at, name, 'bin', 'motia-core')),
  )
  return folders.find((path) => existsSync(path)) ?? 'motia-core'
}

function notStarted(command: string, error: NodeJS.ErrnoException, stack: string): MotiaTestError {
  const hint =
    error.code === 'ENOENT'
      ? 'it was not found: install it (pip install motia-core), or say where it is with MOTIA_CORE or startMotia({ command })'
      : error.message
  return new MotiaTestError(`${command} cannot be started: ${hint}`, 'TEST_MISTAKE', stack)
}

/** Where the test asks: errors come later, and would not say. */
function stackOf(): string {
  const lines = (new Error().stack ?? '').split('\n').slice(1)
  return lines.filter((line) => !line.includes(HERE)).join('\n')
}
