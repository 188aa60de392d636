/** One step: what it is, its source, its last runs, and a way to start it. */

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type Cron, get, post, query, type Run, type Step } from '../api'
import { duration } from '../format'
import { Ago, attempt, Facts, pretty, Section, StatusChip } from '../parts/bits'
import { Editor, readJson } from '../parts/editor'
import { JsonInput } from '../parts/json-input'
import { Loaded } from '../parts/states'
import { go, href } from '../route'
import { sample } from '../schema'

interface Source {
  path: string
  line: number | null
  language: string
  content: string
}

export function StepPanel({ id, close }: { id: string; close: () => void }) {
  const [tab, setTab] = useState('about')
  const steps = useQuery({ queryKey: ['steps'], queryFn: () => get<{ steps: Step[] }>('/steps') })
  return (
    <Loaded query={steps}>
      {({ steps: all }) => {
        const step = all.find((one) => one.id === id)
        if (!step) return <p className="body">There is no step called {id}.</p>
        return (
          <>
            <div className="bar">
              <h2>{step.name}</h2>
              <span className="chip">{step.type}</span>
              <span className="grow" />
              <button type="button" className="quiet" onClick={close} aria-label="close">
                ✕
              </button>
            </div>
            <div className="tabs" role="tablist">
              {['about', 'source', 'run'].map((name) => (
                <button
                  type="button"
                  role="tab"
                  key={name}
                  aria-selected={tab === name}
                  onClick={() => setTab(name)}
                  hidden={name === 'run' && step.type === 'noop'}
                >
                  {name[0]?.toUpperCase()}
                  {name.slice(1)}
                </button>
              ))}
            </div>
            <div className="body stack">
              {tab === 'about' && <About step={step} />}
              {tab === 'source' && <SourceOf id={id} />}
              {tab === 'run' && <Start step={step} />}
            </div>
          </>
        )
      }}
    </Loaded>
  )
}

function About({ step }: { step: Step }) {
  return (
    <>
      {step.description && <p style={{ margin: 0 }}>{step.description}</p>}
      <Facts
        of={[
          ['Route', step.path && `${step.method} ${step.path}`],
          ['Schedule', step.cron],
          ['Subscribes', step.subscribes?.join(', ')],
          ['Watches', step.watches],
          ['Emits', step.emits.map(({ topic }) => topic).join(', ')],
          ['Flows', step.flows.join(', ')],
          ['Language', step.language],
          ['File', <span className="mono" key="file">{`${step.file}${step.line ? `:${step.line}` : ''}`}</span>],
        ]}
      />
      <LastRuns step={step.id} />
    </>
  )
}

export function LastRuns({ step }: { step: string }) {
  const runs = useQuery({
    queryKey: ['runs', 'of', step],
    queryFn: () => get<{ runs: Run[] }>(`/runs${query({ step, limit: 10 })}`),
  })
  return (
    <Section title="Last runs" aside={<a href={href('runs', '', { step })}>all</a>}>
      <Loaded query={runs}>
        {({ runs: found }) =>
          found.length === 0 ? (
            <p className="soft">It has not run yet.</p>
          ) : (
            <table>
              <tbody>
                {found.map((run) => (
                  <tr key={run.traceId}>
                    <td>
                      <StatusChip status={run.status} />
                    </td>
                    <td>
                      <a className="mono" href={href('runs', run.traceId)}>
                        {run.traceId}
                      </a>
                    </td>
                    <td className="number">{duration(run.durationMs)}</td>
                    <td>
                      <Ago ms={run.startedMs} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
    </Section>
  )
}

function SourceOf({ id }: { id: string }) {
  const source = useQuery({
    queryKey: ['source', id],
    queryFn: () => get<Source>(`/steps/source${query({ step: id })}`),
  })
  return (
    <Loaded query={source}>
      {({ path, line, language, content }) => (
        <>
          <span className="mono soft">{path}</span>
          <Editor text={content} language={language} label={`source of ${id}`} line={line} />
        </>
      )}
    </Loaded>
  )
}

function Start({ step }: { step: Step }) {
  const [text, setText] = useState(() => pretty(sample(step.inputSchema)))
  if (step.type === 'api')
    return (
      <p>
        <a href={href('endpoints', step.id)}>Send a request to it</a>
      </p>
    )
  if (step.type === 'cron')
    return (
      <button
        type="button"
        className="primary"
        onClick={() =>
          void attempt(async () => {
            const { traceId } = await post<{ traceId: string }>('/cron/run', { step: step.id } satisfies Partial<Cron>)
            go(href('runs', traceId))
            return undefined
          })
        }
      >
        Run now
      </button>
    )
  if (step.watches) return <p className="soft">It runs when what it watches changes: {step.watches}.</p>
  const { value, error } = readJson(text)
  const topic = step.subscribes?.[0] ?? ''
  return (
    <>
      <p className="soft" style={{ margin: 0 }}>
        Emits <code>{topic}</code>: every step that subscribes to it runs.
      </p>
      <JsonInput schema={step.inputSchema} text={text} label="data of the event" change={setText} />
      <div>
        <button
          type="button"
          className="primary"
          disabled={error !== ''}
          onClick={() =>
            void attempt(async () => {
              const { traceId } = await post<{ traceId: string }>('/emit', { topic, data: value })
              go(href('runs', traceId))
              return undefined
            })
          }
        >
          Emit
        </button>
      </div>
    </>
  )
}
