/** One run: what happened when, in which language, and why. */

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type Attempt, get, type HttpInput, type Root, type Trace } from '../api'
import { curl, isWhole, pytest, recorded, vitest } from '../export'
import { clock, duration, moment } from '../format'
import { Code, copy, Facts, payloadText, Section, StatusChip } from '../parts/bits'
import { Loaded } from '../parts/states'
import { VirtualRows } from '../parts/virtual-rows'
import { href, useFilters } from '../route'
import { Compare } from './run-compare'
import { Replay } from './run-replay'
import { showIn, showOut } from './run-shown'
import { Spans } from './run-spans'
import { Waterfall } from './run-waterfall'

const RUNNING_MS = 1000 // how often a run that goes on is read again

export const useTrace = (id: string) =>
  useQuery({
    queryKey: ['trace', id],
    queryFn: () => get<Trace>(`/traces/${encodeURIComponent(id)}`),
    refetchInterval: ({ state }) => (state.data?.run.status === 'running' ? RUNNING_MS : false),
  })

export function OneRun({ id }: { id: string }) {
  const trace = useTrace(id)
  const [filters, setFilters] = useFilters()
  return (
    <div className="page">
      <Loaded query={trace}>
        {(data) => {
          const failed = data.attempts.findLast(({ status }) => status === 'failed')
          const shown =
            data.attempts.find((one) => String(one.id) === filters.attempt) ??
            (data.run.status === 'failed' ? failed : undefined) ??
            data.attempts[0]
          return (
            <>
              <Head trace={data} shown={shown} />
              {filters.with ? (
                <CompareWith trace={data} other={filters.with} />
              ) : (
                <div className="split two">
                  <Waterfall trace={data} selected={shown?.id} select={(to) => setFilters({ attempt: String(to) })} />
                  <div className="pane panel">
                    {shown && <OneAttempt key={shown.id} attempt={shown} trace={data} />}
                  </div>
                </div>
              )}
            </>
          )
        }}
      </Loaded>
    </div>
  )
}

function CompareWith({ trace, other }: { trace: Trace; other: string }) {
  const second = useTrace(other)
  return <Loaded query={second}>{(with_) => <Compare trace={trace} other={with_} />}</Loaded>
}

function Head({ trace, shown }: { trace: Trace; shown: Attempt | undefined }) {
  const { run } = trace
  const [filters, setFilters] = useFilters()
  const [isReplay, setReplay] = useState(false)
  const http = trace.attempts.find(({ trigger }) => trigger === 'http')
  const request = http?.input ? recorded(http.input as HttpInput) : undefined
  const status = http?.httpStatus ?? 200
  const left = http?.input && !isWhole(http.input as HttpInput) ? ', without its body: that was not kept whole' : ''
  return (
    <>
      <div className="bar">
        <div className="about">
          <div className="row">
            <a href={href('runs')}>Runs</a>
            <span className="soft">/</span>
            <h1>{run.name}</h1>
            <StatusChip status={run.status} />
          </div>
          <div className="row soft">
            <span>{run.label}</span>
            <span>{duration(run.durationMs)}</span>
            <span>{moment(run.startedMs)}</span>
            <span className="mono">{run.traceId}</span>
          </div>
        </div>
        {shown && (
          <button type="button" className="primary" onClick={() => setReplay(!isReplay)}>
            Run again
          </button>
        )}
        {request && (
          <>
            <button
              type="button"
              onClick={() => void copy(curl(request, location.origin), `the curl command is copied${left}`)}
            >
              Copy as curl
            </button>
            <select
              aria-label="copy as a test"
              value=""
              onChange={({ target }) => {
                const make = target.value === 'pytest' ? pytest : vitest
                void copy(make(request, status), `the test is copied${left}`)
              }}
            >
              <option value="">Copy as test</option>
              <option value="pytest">pytest</option>
              <option value="vitest">vitest</option>
            </select>
          </>
        )}
        {filters.with ? (
          <button type="button" onClick={() => setFilters({ with: '' })}>
            Stop comparing
          </button>
        ) : (
          <Other run={trace} choose={(other) => setFilters({ with: other })} />
        )}
      </div>
      {isReplay && shown && <Replay key={shown.id} attempt={shown} done={() => setReplay(false)} />}
    </>
  )
}

/** Other runs of the same step, to compare with. */
function Other({ run, choose }: { run: Trace; choose: (id: string) => void }) {
  const others = useQuery({
    queryKey: ['runs', 'like', run.run.name],
    queryFn: () => get<{ runs: Trace['run'][] }>(`/runs?limit=20&step=${encodeURIComponent(run.run.name)}`),
  })
  const found = others.data?.runs.filter(({ traceId }) => traceId !== run.traceId) ?? []
  if (found.length === 0) return null
  return (
    <select aria-label="compare with" className="wide" value="" onChange={(event) => choose(event.target.value)}>
      <option value="">Compare with…</option>
      {found.map(({ traceId, status, startedMs }) => (
        <option key={traceId} value={traceId}>
          {traceId} {status} {clock(startedMs)}
        </option>
      ))}
    </select>
  )
}

/** The id of the dead letter that an attempt has ended as, if it was the last of its delivery and has failed. */
function deadLetter({ id, status, deliveryId }: Attempt, { attempts }: Trace): number | undefined {
  if (status !== 'failed' || deliveryId === null) return undefined
  return attempts.some((other) => other.deliveryId === deliveryId && other.id > id) ? undefined : deliveryId
}

function OneAttempt({ attempt, trace }: { attempt: Attempt; trace: Trace }) {
  const logs = trace.logs.filter(
    ({ step, time }) =>
      step === attempt.name && time >= attempt.startedMs - 1 && time <= attempt.startedMs + attempt.durationMs + 50,
  )
  const parent = trace.attempts.find(({ id }) => id === attempt.parentId)
  const { error } = attempt
  const letter = trace.run.status === 'failed' ? deadLetter(attempt, trace) : undefined
  return (
    <div className="body stack">
      <div className="row">
        <h2>{attempt.name}</h2>
        <StatusChip status={attempt.status} />
        <a href={href('flows', '', { step: attempt.step })}>step</a>
        {letter !== undefined && <a href={href('queues', '', { tab: 'dead', id: String(letter) })}>dead letter</a>}
      </div>
      <Facts
        of={[
          ['Trigger', attempt.label],
          ['Language', attempt.language],
          ['Started', clock(attempt.startedMs)],
          ['Took', duration(attempt.durationMs)],
          ['Waited', attempt.waitedMs > 0 && duration(attempt.waitedMs)],
          ['Attempt', attempt.attempt > 1 && attempt.attempt],
          ['Caused by', parent?.name],
        ]}
      />
      {error && (
        <Section title="Error">
          <p className="bad" style={{ margin: 0 }}>
            {error.type && !error.message.startsWith(error.type) ? `${error.type}: ` : ''}
            {error.message}
          </p>
          {error.file && <InProject file={error.file} line={error.line} />}
          {error.stack && <Code text={error.stack} />}
        </Section>
      )}
      {attempt.input !== null && (
        <Section title="Input">
          <Code text={showIn(attempt)} />
        </Section>
      )}
      {attempt.output !== null && (
        <Section title="Output">
          <Code text={showOut(attempt)} />
        </Section>
      )}
      {attempt.calls.length > 0 && (
        <Section title="Calls">
          <VirtualRows
            items={attempt.calls}
            label="calls"
            columns="64px minmax(0, 1fr) 64px"
            row={(call) => (
              <>
                <span className="number soft">{duration(call.offsetMs)}</span>
                <div>
                  {call.type}
                  {call.count > 1 && <span className="soft"> ×{call.count}</span>}
                  <div className="mono soft">{call.target}</div>
                  {call.error && <div className="bad">{call.error}</div>}
                  {call.data && (
                    <details>
                      <summary className="soft">data</summary>
                      <Code text={payloadText(call.data)} />
                    </details>
                  )}
                </div>
                <span className="number">{duration(call.durationMs)}</span>
              </>
            )}
          />
          {attempt.callsDropped > 0 && <p className="soft">{attempt.callsDropped} more are not recorded.</p>}
        </Section>
      )}
      {attempt.spans.length > 0 && <Spans attempt={attempt} />}
      {logs.length > 0 && (
        <Section title="Logs" aside={<a href={href('logs', '', { traceId: trace.traceId })}>of the whole run</a>}>
          <VirtualRows
            items={logs}
            label="logs"
            columns="96px minmax(0, 1fr)"
            row={(log) => (
              <>
                <span className="mono soft">{clock(log.time)}</span>
                <span>
                  <span className={`chip ${log.level}`}>{log.level}</span> {log.msg}
                </span>
              </>
            )}
          />
        </Section>
      )}
    </div>
  )
}

/** A place in a file, below the project when it is there. */
function InProject({ file, line }: { file: string; line: number | undefined }) {
  const root = useQuery({ queryKey: ['root'], queryFn: () => get<Root>('') })
  const above = `${root.data?.project.path}/`
  return (
    <span className="mono soft" title={file}>
      {file.startsWith(above) ? file.slice(above.length) : file}:{line}
    </span>
  )
}
