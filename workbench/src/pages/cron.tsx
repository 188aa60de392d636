/** Schedules: when steps run next, how they ran before, and a way to run them now. */

import { useQuery } from '@tanstack/react-query'
import { type Cron as CronStep, get, post } from '../api'
import { cronWords } from '../cron-words'
import { moment } from '../format'
import { Ago, attempt, Facts } from '../parts/bits'
import { Pausing } from '../parts/pausing'
import { Empty, Loaded } from '../parts/states'
import { go, href, useRoute } from '../route'
import { LastRuns } from './step-panel'

export default function Cron() {
  const { id } = useRoute()
  const cron = useQuery({
    queryKey: ['cron'],
    queryFn: () => get<{ cron: CronStep[] }>('/cron'),
    refetchInterval: 10_000,
  })
  return (
    <div className="page">
      <div className="bar">
        <h1>Cron</h1>
      </div>
      <Loaded query={cron}>
        {({ cron: all }) => {
          if (all.length === 0)
            return <Empty title="There is no cron step">Steps with type cron run on a schedule.</Empty>
          const shown = all.find(({ step }) => step === id) ?? all[0]
          return (
            <div className="split two">
              <div className="pane">
                <table>
                  <thead>
                    <tr>
                      <th>step</th>
                      <th>schedule</th>
                      <th>next</th>
                    </tr>
                  </thead>
                  <tbody>
                    {all.map((one) => (
                      <tr key={one.step} style={{ background: one === shown ? 'var(--accent-soft)' : undefined }}>
                        <td>
                          <a href={href('cron', one.step)}>{one.name}</a>
                        </td>
                        <td>
                          <code>{one.cron}</code>
                          <div className="soft">{[cronWords(one.cron), one.timezone].filter(Boolean).join(', ')}</div>
                        </td>
                        <td>
                          {one.paused ? (
                            <span className="chip warn">paused</span>
                          ) : one.nextMs[0] ? (
                            <Ago ms={one.nextMs[0]} />
                          ) : (
                            <span className="soft">not followed</span>
                          )}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              {shown && (
                <div className="pane panel body stack">
                  <div className="row">
                    <h2>{shown.name}</h2>
                    <a href={href('flows', '', { step: shown.step })}>step</a>
                    <span style={{ flex: 1 }} />
                    <Pausing of="cron" step={shown.step} isPaused={shown.paused} />
                    <button
                      type="button"
                      className="primary"
                      onClick={() =>
                        void attempt(async () => {
                          const { traceId } = await post<{ traceId: string }>('/cron/run', { step: shown.step })
                          go(href('runs', traceId))
                          return undefined
                        })
                      }
                    >
                      Run now
                    </button>
                  </div>
                  <Facts
                    of={[
                      [
                        'Next',
                        <span key="n" style={{ whiteSpace: 'pre-line' }}>
                          {shown.nextMs.map(moment).join('\n')}
                        </span>,
                      ],
                      [
                        'While it runs',
                        { skip: 'a due time is skipped', queue: 'a due time waits', allow: 'it runs twice' }[
                          shown.overlap
                        ] ?? shown.overlap,
                      ],
                      [
                        'Missed',
                        { none: 'not made up for', once: 'the latest is made up for', all: 'all are made up for' }[
                          shown.catchUp
                        ] ?? shown.catchUp,
                      ],
                    ]}
                  />
                  <LastRuns step={shown.step} />
                </div>
              )}
            </div>
          )
        }}
      </Loaded>
    </div>
  )
}
