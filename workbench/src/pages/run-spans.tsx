import type { Attempt } from '../api'
import { duration } from '../format'
import { Code, pretty, Section } from '../parts/bits'
import { VirtualRows } from '../parts/virtual-rows'
import { spanTree } from '../waterfall'

/** What the user's own OpenTelemetry has said of it. */
export function Spans({ attempt }: { attempt: Attempt }) {
  return (
    <Section title="Spans">
      <VirtualRows
        items={spanTree(attempt.spans)}
        label="spans"
        columns="64px minmax(0, 1fr) 64px"
        row={({ span, depth }) => (
          <>
            <span className="number soft">{duration(span.offsetMs)}</span>
            <div style={{ paddingLeft: depth * 14 }}>
              {span.name} <span className="soft">{span.kind !== 'internal' && span.kind}</span>
              {span.error && <div className="bad">{span.error}</div>}
              {Object.keys(span.attributes).length > 0 && (
                <details>
                  <summary className="soft">attributes</summary>
                  <Code text={pretty(span.attributes)} />
                </details>
              )}
            </div>
            <span className="number">{duration(span.durationMs)}</span>
          </>
        )}
      />
    </Section>
  )
}
