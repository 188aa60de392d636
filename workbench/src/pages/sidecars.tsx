/** The processes that run steps, and what they could not load. */

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { get, type Problems, post, type Sidecar } from '../api'
import { bytes } from '../format'
import { Ago, attempt, Confirm, Section } from '../parts/bits'
import { Empty, Loaded } from '../parts/states'

const CHIPS = { 'not connected': 'failed', leaving: 'waiting', busy: 'warn', ready: 'completed' }

function stateOf({ connected, leaving, busy }: Sidecar): keyof typeof CHIPS {
  if (!connected) return 'not connected'
  return leaving ? 'leaving' : busy ? 'busy' : 'ready'
}

const replaced = (group: string) =>
  `The ${group} processes are replaced one by one: each as soon as another has loaded the project. What runs in it ends there; no request is lost.`

const drained = (group: string) =>
  `The ${group} sidecars leave one by one: each ends what it runs and exits. Whoever runs them starts them again.`

export default function Sidecars() {
  const sidecars = useQuery({
    queryKey: ['sidecars'],
    queryFn: () => get<{ sidecars: Sidecar[] }>('/sidecars'),
    refetchInterval: 2000,
  })
  const [restarting, setRestarting] = useState<Sidecar>()
  const problems = useQuery({ queryKey: ['problems'], queryFn: () => get<Problems>('/problems') })
  return (
    <div className="page">
      <div className="bar">
        <h1>Sidecars</h1>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <div className="pane" tabIndex={0}>
        <Loaded query={sidecars}>
          {({ sidecars: all }) =>
            all.length === 0 ? (
              <Empty title="No process runs">
                The core starts one for each kind of language that the project has, or waits for those that attach.
              </Empty>
            ) : (
              <table>
                <thead>
                  <tr>
                    <th>process</th>
                    <th>state</th>
                    <th className="number wide">steps</th>
                    <th className="number wide">running</th>
                    <th className="number">memory</th>
                    <th className="number">loop lag</th>
                    <th className="number wide">restarts</th>
                    <th className="wide">started</th>
                    <td />
                  </tr>
                </thead>
                <tbody>
                  {all.map((one) => (
                    <tr key={one.name}>
                      <td>
                        {one.name}
                        <div className="soft">
                          {one.languages.join(', ')}
                          {one.address && ` · attached from ${one.address}`}
                        </div>
                      </td>
                      <td>
                        <span className={`chip ${CHIPS[stateOf(one)]}`}>{stateOf(one)}</span>
                      </td>
                      <td className="number wide">{one.steps}</td>
                      <td className="number wide">{one.running}</td>
                      <td className="number">{bytes(one.memoryBytes)}</td>
                      <td className="number">{one.loopLagMs} ms</td>
                      <td className="number wide">{one.restarts}</td>
                      <td className="wide">
                        <Ago ms={one.startedMs} />
                      </td>
                      <td>
                        <button type="button" className="quiet" onClick={() => setRestarting(one)}>
                          Restart
                        </button>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )
          }
        </Loaded>
        {restarting && (
          <Confirm
            text={restarting.address ? drained(restarting.group) : replaced(restarting.group)}
            action="Restart"
            done={() => setRestarting(undefined)}
            confirmed={() =>
              void attempt(async () => {
                const { restarted } = await post<{ restarted: number }>('/sidecars/restart', {
                  group: restarting.group,
                })
                await sidecars.refetch()
                return restarting.address ? `${restarted} asked to leave.` : `${restarted} replaced.`
              })
            }
          />
        )}
        <div className="body">
          <Loaded query={problems}>
            {({ problems: all }) =>
              all.length === 0 ? (
                <p className="soft">Every file of the project is loaded.</p>
              ) : (
                <Section title="What was not loaded as it is">
                  {all.map((problem) => (
                    <div key={`${problem.file} ${problem.cause}`}>
                      <span className={`chip ${problem.severity === 'error' ? 'failed' : 'warn'}`}>
                        {problem.severity}
                      </span>{' '}
                      <span className="mono">
                        {problem.file}
                        {problem.line ? `:${problem.line}` : ''}
                      </span>
                      <div>{problem.cause}</div>
                      {problem.remedy && <div className="soft">{problem.remedy}</div>}
                    </div>
                  ))}
                </Section>
              )
            }
          </Loaded>
        </div>
      </div>
    </div>
  )
}
