/** How a value of the state came to be what it is. */

import { useQuery } from '@tanstack/react-query'
import { get, query } from '../api'
import { Ago, Code, payloadText, Section } from '../parts/bits'
import { Loaded } from '../parts/states'
import { href } from '../route'

interface Change {
  time: number
  type: string
  data: unknown
  error: string | null
  count: number
  by: { name: string; traceId: string; attemptId: number } | { from: string }
}

interface Props {
  group: string
  name: string
  /** Of the value: with another one there is more. */
  version: number
}

export function StateHistory({ group, name, version }: Props) {
  const found = useQuery({
    queryKey: ['state', 'history', group, name, version],
    queryFn: () => get<{ changes: Change[] }>(`/state/history${query({ group, key: name, limit: 50 })}`),
  })
  return (
    <Section title="History">
      <Loaded query={found}>
        {({ changes }) =>
          changes.length === 0 ? (
            <p className="soft">No change of it is recorded.</p>
          ) : (
            changes.map((change, index) => (
              <details key={`${change.time} ${index}`}>
                <summary>
                  <code>{change.type.replace('state.', '')}</code>
                  {change.count > 1 && ` ×${change.count}`}{' '}
                  {'from' in change.by ? <span className="soft">by hand</span> : change.by.name}{' '}
                  <Ago ms={change.time} /> {change.error && <span className="chip failed">failed</span>}
                </summary>
                {'traceId' in change.by && <a href={href('runs', change.by.traceId)}>its run</a>}
                {change.error ? <p className="bad">{change.error}</p> : <Code text={payloadText(change.data)} />}
              </details>
            ))
          )
        }
      </Loaded>
    </Section>
  )
}
