/** Goes to any page, step or run by a few letters. */

import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { get, type Step, type Tab } from './api'
import { go, href } from './route'

const MOST = 12
const RUN = /^[A-HJ-NP-Z1-9]{5}-\d{7}$/

interface Props {
  pages: { name: string; title: string }[]
  tabs: Tab[]
  done: () => void
}

export function Palette({ pages, tabs, done }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const steps = useQuery({ queryKey: ['steps'], queryFn: () => get<{ steps: Step[] }>('/steps') })
  useEffect(() => dialog.current?.showModal(), [])
  const wanted = text.trim().toLowerCase()
  const found = [
    ...(RUN.test(text.trim()) ? [{ key: 'run', what: `run ${text.trim()}`, to: href('runs', text.trim()) }] : []),
    ...pages.map(({ name, title }) => ({ key: name, what: title, to: href(name) })),
    ...tabs.map(({ id, label }) => ({ key: `tab ${id}`, what: label, to: href('tab', id) })),
    ...(steps.data?.steps ?? []).map((step) => ({
      key: `step ${step.id}`,
      what: [step.name, step.path ?? step.cron ?? step.subscribes?.join(' '), step.file].filter(Boolean).join('  '),
      to: href('flows', '', { step: step.id }),
    })),
  ]
    .map((one) => ({ ...one, at: one.what.toLowerCase().indexOf(wanted) }))
    .filter(({ at: place }) => place >= 0)
    .sort((a, b) => a.at - b.at)
    .slice(0, MOST)
  const open = (index: number) => {
    const one = found[index]
    if (!one) return
    go(one.to)
    dialog.current?.close()
  }
  return (
    <dialog ref={dialog} onClose={done} aria-label="go to">
      <input
        style={{ width: '100%' }}
        aria-label="page, step or run"
        placeholder="page, step or run"
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setAt(Math.min(at + 1, found.length - 1))
          else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0))
          else if (event.key === 'Enter') open(at)
          else return
          event.preventDefault()
        }}
      />
      <div className="stack" style={{ gap: 0, marginTop: 8 }}>
        {found.map(({ key, what }, index) => (
          <button
            type="button"
            key={key}
            className="quiet"
            style={{ textAlign: 'left', background: index === at ? 'var(--accent-soft)' : undefined }}
            onClick={() => open(index)}
          >
            {what}
          </button>
        ))}
        {found.length === 0 && <p className="soft">Nothing is called that.</p>}
      </div>
    </dialog>
  )
}
