/** The attempts of a run on its time: who has caused whom, how long each took, and what it waited for. */

import { Fragment } from 'react'
import type { Trace } from '../api'
import { duration } from '../format'
import { spanOf, ticks, waterfall } from '../waterfall'

const percent = (part: number) => `${(part * 100).toFixed(3)}%`

export function Waterfall(props: { trace: Trace; selected: number | undefined; select: (id: number) => void }) {
  const bars = waterfall(props.trace.attempts)
  return (
    <div className="waterfall">
      <span className="cell scale">Step</span>
      <span className="cell scale track">
        {ticks(spanOf(props.trace.attempts)).map(({ at, text }) => (
          <span className="tick" key={text} style={{ left: percent(at) }}>
            {text}
          </span>
        ))}
      </span>
      <span className="cell scale number">Took</span>
      {bars.map(({ attempt, depth, start, width, waited, calls, spans }) => (
        <Fragment key={attempt.id}>
          <button
            type="button"
            aria-current={attempt.id === props.selected ? 'true' : undefined}
            onClick={() => props.select(attempt.id)}
          >
            <span
              className="cell"
              style={{ paddingLeft: 12 + depth * 14 }}
              title={`${attempt.name} (${attempt.language})`}
            >
              {attempt.name}
              {attempt.attempt > 1 && <span className="soft"> attempt {attempt.attempt}</span>}
              <span className="language wide">{attempt.language}</span>
            </span>
            <span className="cell track" title={attempt.label}>
              {waited > 0 && (
                <i
                  className="waited"
                  style={{ left: percent(start - waited), width: percent(waited) }}
                  title="waited"
                />
              )}
              <i
                className={attempt.status}
                style={{ left: `min(${percent(start)}, 100% - 3px)`, width: percent(width) }} // seen even at the very end
              />
              {calls.map((call, index) => (
                <i className="call" key={index} style={{ left: percent(call.at), width: percent(call.width) }} />
              ))}
            </span>
            <span className={`cell number ${attempt.status === 'failed' ? 'bad' : ''}`}>
              {attempt.status === 'running' ? 'running' : duration(attempt.durationMs)}
            </span>
          </button>
          {spans.map((one) => (
            <button type="button" key={one.span.spanId} onClick={() => props.select(attempt.id)}>
              <span className="cell soft" style={{ paddingLeft: 26 + (depth + one.depth) * 14 }} title={one.span.kind}>
                {one.span.name}
              </span>
              <span className="cell track">
                <i
                  className={`span ${one.span.error ? 'failed' : ''}`}
                  style={{ left: `min(${percent(one.start)}, 100% - 3px)`, width: percent(one.width) }}
                />
              </span>
              <span className={`cell number ${one.span.error ? 'bad' : 'soft'}`}>{duration(one.span.durationMs)}</span>
            </button>
          ))}
        </Fragment>
      ))}
    </div>
  )
}
