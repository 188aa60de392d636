/** Completes that are forgotten once they have arrived, and of which only that they were sent is known. */

import type { Failure } from './gen/motia/v1/failure.js'
import type { Complete } from './gen/motia/v1/invoke.js'

const MOST = 256 // a few rounds of all slots; a connection does not lose more
const MOST_BYTES = 4 * 1024 * 1024

export class Doubtful {
  private readonly ring: (Complete | undefined)[] = new Array(MOST).fill(undefined)
  private first = 0
  private next = 0
  private bytes = 0

  add(complete: Complete): void {
    this.ring[this.next % MOST] = complete
    this.next += 1
    this.bytes += payloadBytes(complete)
    while (this.next - this.first >= MOST || (this.bytes > MOST_BYTES && this.next - this.first > 1)) this.forget()
  }

  /** Names the moment, for `arrived`. */
  get mark(): number {
    return this.next
  }

  /** All that was added before the mark has arrived. */
  arrived(mark: number): void {
    while (this.first < mark) this.forget()
  }

  *[Symbol.iterator](): Iterator<Complete> {
    for (let index = this.first; index < this.next; index += 1) yield this.ring[index % MOST] as Complete
  }

  private forget(): void {
    const index = this.first % MOST
    this.bytes -= payloadBytes(this.ring[index] as Complete)
    this.ring[index] = undefined
    this.first += 1
  }
}

/** What a Complete holds, roughly. */
export function payloadBytes({ outcome }: Complete): number {
  if (outcome?.$case === 'http') return outcome.value.body.length
  return outcome?.$case === 'failure' ? failureBytes(outcome.value) : 0
}

function failureBytes({ message, stack, details, cause }: Failure): number {
  return message.length + stack.length + details.length + (cause === undefined ? 0 : failureBytes(cause))
}
