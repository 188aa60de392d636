/** What an attempt has from earlier ones of its delivery, what it remembers for later ones, and where it waits. */

import type { Attempt } from './attempt.js'
import { durationMs, positiveMs, show } from './durations.js'
import { MotiaError } from './errors.js'
import type { Suspended } from './gen/motia/v1/invoke.js'
import { parseJson, refuseHollow, toJson } from './payload.js'
import { RunScope } from './run-scope.js'

const EMPTY = Buffer.alloc(0)
const OPTIONS = ['match', 'timeout', 'key']

export interface WaitOptions {
  key?: unknown
}

interface Wait extends WaitOptions {
  match?: unknown
  timeout?: unknown
}

/** Of one attempt; made when its handler first asks for it. */
export class Progress {
  private readonly isDurable: boolean
  private readonly known = new Map<string, string>() // JSON texts
  private readonly underWay = new Set<string>()
  private readonly waits = { sleep: 0, wait: 0 }

  constructor(private readonly attempt: Attempt) {
    this.isDurable = attempt.invoke.trigger?.$case !== 'http'
    for (const { key, value } of attempt.invoke.remembered) this.known.set(key, value.toString())
  }

  async run(key: unknown, fn: unknown): Promise<unknown> {
    const name = toKey(key)
    if (typeof fn !== 'function') {
      throw new TypeError(`run('${name}') got ${show(fn)}: give it a function, as in run('${name}', () => …)`)
    }
    this.attempt.checkOpen('run')
    const known = this.known.get(name)
    if (known !== undefined) return parseJson(known)
    if (this.underWay.has(name)) {
      throw new TypeError(`run('${name}') is still under way: what runs at the same time needs keys of its own`)
    }
    this.underWay.add(name)
    const scope = new RunScope(this.attempt)
    try {
      return await scope.enter(() => this.perform(name, fn))
    } catch (error) {
      this.attempt.noteFailed(error)
      throw error
    } finally {
      this.underWay.delete(name)
      scope.close()
    }
  }

  /** The result as later attempts will get it, once it is remembered. */
  private async perform(name: string, fn: Function): Promise<unknown> {
    const result: unknown = await fn()
    const what = `the result of run('${name}')`
    const text = toJson(result ?? null, what, refuseHollow)
    if (text === undefined) throw new MotiaError(`${what} is ${show(result)}, which is not JSON`, 'schema')
    if (this.isDurable) {
      const value = Buffer.from(text)
      await this.attempt.call({ $case: 'remember', value: { key: name, value } }, value.length)
    }
    this.known.set(name, text)
    return parseJson(text)
  }

  async sleep(duration: unknown, options: WaitOptions = {}): Promise<void> {
    this.checkSuspendable('sleep')
    const sleepMs = durationMs(duration, 'duration')
    await this.wait({ key: this.waitKey('sleep', options.key), until: { $case: 'sleepMs', value: sleepMs } })
  }

  async waitFor(topic: unknown, ...how: [match?: unknown, timeout?: unknown, options?: WaitOptions]): Promise<unknown> {
    this.checkSuspendable('waitFor')
    if (typeof topic !== 'string' || topic === '') {
      throw new TypeError(`waitFor needs the topic of the event, a text; it got ${show(topic)}`)
    }
    const { match, timeout, key } = readWait(how)
    const value = { topic, match: toMatch(match), timeoutMs: 0 }
    if (timeout !== undefined && timeout !== null) value.timeoutMs = positiveMs(timeout, 'timeout')
    this.attempt.checkSize('the match of waitFor', value.match.length)
    return this.wait({ key: this.waitKey('wait', key), until: { $case: 'waitFor', value } })
  }

  private checkSuspendable(operation: string): void {
    const { attempt } = this
    if (attempt.suspension === undefined) attempt.checkOpen(operation)
    if (!this.isDurable) {
      throw new MotiaError(
        `${operation}() is not possible in the api step ${attempt.invoke.step}: somebody waits for its response. ` +
          `Emit an event, and call ${operation}() in the event step that subscribes to it`,
        'not_suspendable',
      )
    }
  }

  private waitKey(kind: 'sleep' | 'wait', key: unknown): string {
    if (key !== undefined && key !== null) return toKey(key)
    this.waits[kind] += 1
    return `${kind}:${this.waits[kind]}`
  }

  /** What is remembered of the wait. When nothing is, the attempt is suspended and the promise never settles. */
  private wait(suspended: Suspended): Promise<unknown> | unknown {
    const known = this.known.get(suspended.key)
    if (known !== undefined) return parseJson(known)
    RunScope.abandon(this.attempt)
    this.attempt.suspend(suspended)
    return new Promise(() => {})
  }
}

/** `waitFor(topic, match, timeout, { key })` or `waitFor(topic, { match, timeout, key })`. */
function readWait(how: [match?: unknown, timeout?: unknown, options?: WaitOptions]): Wait {
  const [first, timeout, options] = how
  if (how.length > 1 || !isObject(first)) return { match: first, timeout, key: options?.key }
  const names = Object.keys(first)
  if (names.length === 0 || !names.every((name) => OPTIONS.includes(name))) return { match: first }
  if (!('match' in first || 'timeout' in first)) {
    const ways = 'write { match: { key: … } } to match events by their key, { match: {}, key: … } to name the wait'
    throw new TypeError(`waitFor with { key } can be read in two ways: ${ways}`)
  }
  return first
}

function toMatch(match: unknown): Buffer {
  if (match === undefined || match === null) return EMPTY
  if (!isObject(match)) {
    throw new TypeError(`match is ${show(match)}: give an object with what the event's data must have`)
  }
  return Buffer.from(toJson(match, 'match of waitFor', refuseHollow) ?? '')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function toKey(key: unknown): string {
  if (typeof key === 'number' || typeof key === 'bigint') return String(key)
  if (typeof key !== 'string') throw new TypeError(`the key is ${show(key)}: give a text`)
  if (key === '') throw new TypeError('the key is empty: give it a name, unique within the step')
  return key
}
