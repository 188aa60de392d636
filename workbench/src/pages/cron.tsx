/** Schedules: when steps run next, how they ran before, and a way to run them now. */

import { useQuery } from '@tanstack/react-query'
import { type Cron as CronStep, get, post } from '../api'
import { cronWords } from '../cron-words'
import { moment } from '../format'
import { Ago, attempt, Facts } from '../parts/bits'
import { Pausing } from '../parts/pausing'
import { Empty, Loaded } from '../parts/states'
import { VirtualList } from '../parts/virtual-list'
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
              <VirtualList
                items={all}
                label="cron steps"
                columns="minmax(120px, 1fr) minmax(140px, 1.4fr) 100px"
                keyOf={({ step }) => step}
                height={54}
                selected={shown?.step ?? null}
                open={({ step }) => go(href('cron', step))}
                head={
                  <>
                    <span>step</span>
                    <span>schedule</span>
                    <span>next</span>
                  </>
                }
                line={(one) => (
                  <>
                    <span>{one.name}</span>
                    <span>
                      <code>{one.cron}</code>
                      <br />
                      <span className="soft">{[cronWords(one.cron), one.timezone].filter(Boolean).join(', ')}</span>
                    </span>
                    <span>
                      {one.paused ? (
                        <span className="chip warn">paused</span>
                      ) : one.nextMs[0] ? (
                        <Ago ms={one.nextMs[0]} />
                      ) : (
                        <span className="soft">not followed</span>
                      )}
                    </span>
                  </>
                )}
              />
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
