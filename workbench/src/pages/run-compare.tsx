/** Two runs side by side: what took longer, and what was different. */

import type { Attempt, Trace } from '../api'
import { diff } from '../diff'
import { duration } from '../format'
import { pretty } from '../parts/bits'
import { href } from '../route'
import { inputOf, showOut } from './run-shown'

export function Compare({ trace, other }: { trace: Trace; other: Trace }) {
  const names = [...new Set([...trace.attempts, ...other.attempts].map(({ name }) => name))]
  const of = (one: Trace, name: string) => one.attempts.filter((attempt) => attempt.name === name).at(-1)
  return (
    <div className="pane">
      <table>
        <thead>
          <tr>
            <th>step</th>
            <th className="number">{trace.traceId}</th>
            <th className="number">
              <a href={href('runs', other.traceId)}>{other.traceId}</a>
            </th>
            <th>what is different</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => {
            const [a, b] = [of(trace, name), of(other, name)]
            const texts = [a, b].map((one) => (one ? `${showBoth(one)}` : ''))
            const lines = diff(texts[0] ?? '', texts[1] ?? '')
            const isSame = lines.every(({ kind }) => kind === 'same')
            return (
              <tr key={name}>
                <td>{name}</td>
                <td className="number">{a ? duration(a.durationMs) : '–'}</td>
                <td className="number">{b ? duration(b.durationMs) : '–'}</td>
                <td>
                  {isSame ? (
                    <span className="soft">nothing</span>
                  ) : (
                    <pre className="code">
                      {lines.map(({ kind, text }, index) => (
                        <div key={index} className={kind}>
                          {{ same: '  ', added: '+ ', removed: '- ' }[kind]}
                          {text}
                        </div>
                      ))}
                    </pre>
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function showBoth(attempt: Attempt): string {
  const parts = [`status ${attempt.status}`]
  if (attempt.input !== null) parts.push('input', pretty(inputOf(attempt)))
  if (attempt.output !== null) parts.push('output', showOut(attempt))
  if (attempt.error) parts.push('error', attempt.error.message)
  return parts.join('\n')
}
