/** Small things that many pages show. */

import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { Payload } from '../api'
import { ago, bytes, count, moment } from '../format'

const LONGEST = 300_000 // characters of code that are shown: more would keep the page from answering

/** What went well is said quietly. */
export function StatusChip({ status }: { status: string }) {
  return <span className={`chip ${status} ${status === 'completed' ? 'calm' : ''}`}>{status}</span>
}

export function Ago({ ms }: { ms: number }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5000)
    return () => clearInterval(timer)
  }, [])
  return (
    <time className="soft" dateTime={new Date(ms).toISOString()} title={moment(ms)}>
      {ago(ms, Math.max(now, Date.now()))}
    </time>
  )
}

export const pretty = (value: unknown): string => JSON.stringify(value, null, 2) ?? ''

const isPayload = (value: object): value is Payload => 'json' in value || 'text' in value || 'bytes' in value

/** What was given or came out, as it is kept. */
export function payloadText(payload: unknown): string {
  if (payload === null || payload === undefined) return ''
  if (typeof payload !== 'object' || !isPayload(payload)) return pretty(payload)
  if ('json' in payload) return pretty(payload.json)
  if ('text' in payload) return payload.cut ? `${payload.text}… (${bytes(payload.bytes ?? 0)} in all)` : payload.text
  return `${bytes(payload.bytes)} that are not text`
}

export function Code({ text }: { text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <pre className="code" tabIndex={0}>
      {text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${count(text.length - LONGEST)} more characters)` : text}
    </pre>
  )
}

export function Facts({ of }: { of: [string, ReactNode][] }) {
  return (
    <dl className="facts">
      {of
        .filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== false)
        .map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}

export function Section({ title, children, aside }: { title: string; children: ReactNode; aside?: ReactNode }) {
  return (
    <section className="stack" style={{ gap: 6 }}>
      <div className="row">
        <h3>{title}</h3>
        {aside}
      </div>
      {children}
    </section>
  )
}

// --- what was done is said at the bottom of the page

let said = ''
let timer: ReturnType<typeof setTimeout> | undefined
const hearers = new Set<() => void>()

export function say(text: string): void {
  said = text
  clearTimeout(timer)
  timer = setTimeout(() => say(''), text ? 4000 : 1e9)
  for (const hearer of hearers) hearer()
}

const hear = (hearer: () => void) => {
  hearers.add(hearer)
  return () => void hearers.delete(hearer)
}

export function Toast() {
  const text = useSyncExternalStore(hear, () => said)
  return <div aria-live="polite">{text && <div className="toast">{text}</div>}</div>
}

/** Runs something, and says how it went. */
export async function attempt(what: () => Promise<string | undefined>): Promise<void> {
  try {
    const text = await what()
    if (text) say(text)
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
  }
}

export async function copy(text: string, what = 'copied'): Promise<void> {
  await attempt(async () => {
    await navigator.clipboard.writeText(text)
    return what
  })
}

/** Asks before something is done that cannot be undone. */
export function Confirm(props: { text: string; action: string; done: () => void; confirmed: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} onClose={props.done} aria-label={props.action}>
      <p>{props.text}</p>
      <form method="dialog" className="row">
        <button type="submit" className="danger" onClick={props.confirmed}>
          {props.action}
        </button>
        <button type="submit">Cancel</button>
      </form>
    </dialog>
  )
}
