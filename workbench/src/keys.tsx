/** What can be done without a mouse. */

import { useEffect, useRef } from 'react'
import { go, href } from './route'

const GO_MS = 900 // between `g` and the page's letter
const PAGES: Record<string, string> = {
  f: 'flows',
  e: 'endpoints',
  r: 'runs',
  l: 'logs',
  s: 'state',
  t: 'streams',
  q: 'queues',
  c: 'cron',
  d: 'sidecars',
}

export function useKeys(help: () => void, palette: () => void): void {
  const went = useRef(0)
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault()
        palette()
        return
      }
      const target = event.target as HTMLElement
      const isTyping = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return
      const page = PAGES[event.key]
      if (event.key === 'g') went.current = Date.now()
      else if (page && Date.now() - went.current < GO_MS) go(href(page))
      else if (event.key === '?') help()
      else if (event.key === 'Escape') document.querySelector<HTMLElement>('.panel [aria-label="close"]')?.click()
      else if (/^(j|k|ArrowDown|ArrowUp)$/.test(event.key) && document.activeElement === document.body) {
        event.preventDefault() // from there on the list moves by itself
        document.querySelector<HTMLElement>('.line, .waterfall button')?.focus()
      } else if (event.key === '/') {
        event.preventDefault()
        document.querySelector<HTMLInputElement>('input[type="search"]')?.focus()
      }
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [help, palette])
}

export function Keys({ pages, done }: { pages: { title: string; key: string }[]; done: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const keys: [string, string][] = [
    ...pages.map(({ title, key }): [string, string] => [`g ${key}`, title]),
    ['/', 'search on this page'],
    ['Ctrl K', 'go to a step, a page or a run'],
    ['j k, arrows', 'move in a list'],
    ['Enter', 'open'],
    ['Esc', 'close'],
  ]
  return (
    <dialog ref={dialog} onClose={done} aria-label="keys">
      <h2>Keys</h2>
      <table>
        <tbody>
          {keys.map(([key, what]) => (
            <tr key={key}>
              <td className="mono">{key}</td>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <form method="dialog" className="row">
        <button type="submit">Close</button>
      </form>
    </dialog>
  )
}
