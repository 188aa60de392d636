import type { Attempt } from '../api'
import { duration } from '../format'
import { Code, pretty, Section } from '../parts/bits'
import { spanTree } from '../waterfall'

/** What the user's own OpenTelemetry has said of it. */
export function Spans({ attempt }: { attempt: Attempt }) {
  return (
    <Section title="Spans">
      <table>
        <tbody>
          {spanTree(attempt.spans).map(({ span, depth }) => (
            <tr key={span.spanId}>
              <td className="number soft">{duration(span.offsetMs)}</td>
              <td style={{ paddingLeft: 8 + depth * 14 }}>
                {span.name} <span className="soft">{span.kind !== 'internal' && span.kind}</span>
                {span.error && <div className="bad">{span.error}</div>}
                {Object.keys(span.attributes).length > 0 && (
                  <details>
                    <summary className="soft">attributes</summary>
                    <Code text={pretty(span.attributes)} />
                  </details>
                )}
              </td>
              <td className="number">{duration(span.durationMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}
