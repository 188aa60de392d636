/** The attempts of a run on its time: who has caused whom, how long each took, and what it waited for. */

import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useMemo, useRef } from 'react'
import type { Attempt, Trace } from '../api'
import { duration } from '../format'
import { type Bar, type SpanBar, spanOf, ticks, waterfall } from '../waterfall'

const ROW_PX = 30
const percent = (part: number) => `${(part * 100).toFixed(3)}%`
const from = (start: number) => `min(${percent(start)}, 100% - 3px)` // seen even at the very end

type Row = { bar: Bar; span?: SpanBar }

export function Waterfall(props: { trace: Trace; selected: number | undefined; select: (id: number) => void }) {
  const { trace, selected, select } = props
  const rows = useMemo(() => rowsOf(trace.attempts), [trace.attempts])
  const scroller = useRef<HTMLDivElement>(null)
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    initialRect: { width: 800, height: 600 },
  })
  const at = rows.findIndex(({ bar }) => bar.attempt.id === selected)
  const opensAt = useRef(at) // what failed may be far down; who scrolls away from it wants to stay there
  useEffect(() => list.scrollToIndex(Math.max(0, opensAt.current), { align: 'center' }), [list])
  return (
    <div className="pane waterfall" ref={scroller}>
      <div className="scale">
        <span className="cell">Step</span>
        <span className="cell track">
          {ticks(spanOf(trace.attempts)).map(({ at: left, text }) => (
            <span className="tick" key={text} style={{ left: percent(left) }}>
              {text}
            </span>
          ))}
        </span>
        <span className="cell number">Took</span>
      </div>
      <ul className="list" aria-label="attempts" style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map(({ index, start }) => {
          const row = rows[index]
          if (row === undefined) return null
          const { attempt } = row.bar
          return (
            <li
              key={row.span ? `${attempt.id} ${row.span.span.spanId}` : attempt.id}
              aria-setsize={rows.length}
              aria-posinset={index + 1}
              style={{ height: ROW_PX, transform: `translateY(${start}px)` }}
            >
              <button
                type="button"
                aria-current={!row.span && attempt.id === selected ? 'true' : undefined}
                onClick={() => select(attempt.id)}
              >
                {row.span ? <SpanLine bar={row.bar} span={row.span} /> : <AttemptLine bar={row.bar} />}
              </button>
            </li>
          )
        })}
      </ul>
    </div>
  )
}

function rowsOf(attempts: Attempt[]): Row[] {
  return waterfall(attempts).flatMap((bar): Row[] => [{ bar }, ...bar.spans.map((span) => ({ bar, span }))])
}

function AttemptLine({ bar: { attempt, depth, start, width, waited, calls } }: { bar: Bar }): ReactNode {
  return (
    <>
      <span className="cell" style={{ paddingLeft: 12 + depth * 14 }} title={`${attempt.name} (${attempt.language})`}>
        {attempt.name}
        {attempt.attempt > 1 && <span className="soft"> attempt {attempt.attempt}</span>}
        <span className="language wide">{attempt.language}</span>
      </span>
      <span className="cell track" title={attempt.label}>
        {waited > 0 && (
          <i className="waited" style={{ left: percent(start - waited), width: percent(waited) }} title="waited" />
        )}
        <i className={attempt.status} style={{ left: from(start), width: percent(width) }} />
        {calls.map((call, index) => (
          <i className="call" key={index} style={{ left: percent(call.at), width: percent(call.width) }} />
        ))}
      </span>
      <span className={`cell number ${attempt.status === 'failed' ? 'bad' : ''}`}>
        {attempt.status === 'running' ? 'running' : duration(attempt.durationMs)}
      </span>
    </>
  )
}

function SpanLine({ bar, span: { span, depth, start, width } }: { bar: Bar; span: SpanBar }): ReactNode {
  return (
    <>
      <span className="cell soft" style={{ paddingLeft: 26 + (bar.depth + depth) * 14 }} title={span.kind}>
        {span.name}
      </span>
      <span className="cell track">
        <i className={`span ${span.error ? 'failed' : ''}`} style={{ left: from(start), width: percent(width) }} />
      </span>
      <span className={`cell number ${span.error ? 'bad' : 'soft'}`}>{duration(span.durationMs)}</span>
    </>
  )
}
