/** A step of a run once more, with what it got or with something else. */

import { useState } from 'react'
import { type Attempt, type HttpInput, post } from '../api'
import { pretty, attempt as trying } from '../parts/bits'
import { Editor, readJson } from '../parts/editor'
import { go, href } from '../route'
import { inputOf, isKept } from './run-shown'

export function Replay({ attempt, done }: { attempt: Attempt; done: () => void }) {
  const isHttp = attempt.trigger === 'http'
  const body = isHttp ? (attempt.input as HttpInput | null)?.body : null
  const isText = Boolean(body && 'text' in body) // it is edited, and sent, as it is
  const [before] = useState(() => (isText ? String(inputOf(attempt)) : pretty(inputOf(attempt))))
  const [text, setText] = useState(before)
  const { value, error } = isText ? { value: text, error: '' } : readJson(text)
  const isWhole = isKept(attempt)
  const send = () =>
    trying(async () => {
      const payload = isText ? { text } : { json: value }
      const input = isHttp ? { body: value === null ? null : payload } : value
      const asked = text === before ? { attemptId: attempt.id } : { attemptId: attempt.id, input }
      const { traceId } = await post<{ traceId: string }>('/replay', asked)
      done()
      go(href('runs', traceId))
      return `${attempt.name} runs again.`
    })
  return (
    <div className="body panel stack" style={{ borderBottom: '1px solid var(--line)' }}>
      <p className="soft" style={{ margin: 0 }}>
        {attempt.name} runs once more, with this {isHttp ? 'body' : 'input'}; what follows from it does, too.
        {!isWhole && ' What it got was too large, or no text, and is not kept whole: give it something else.'}
      </p>
      {attempt.trigger !== 'cron' && (
        <Editor text={text} language={isText ? 'text' : 'json'} label="input" change={setText} />
      )}
      {error && <p className="bad">{error}</p>}
      <div className="row">
        <button
          type="button"
          className="primary"
          disabled={error !== '' || (!isWhole && text === before)}
          onClick={() => void send()}
        >
          Run {attempt.name} again
        </button>
        <button type="button" onClick={done}>
          Cancel
        </button>
      </div>
    </div>
  )
}
